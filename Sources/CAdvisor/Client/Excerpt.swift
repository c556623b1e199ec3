import NIOCore

/// Foreign text made fit for one line of a log: bounded, valid UTF-8, no control characters.
enum Excerpt {
  /// The length after which text is cut, in bytes.
  static let limit = 200

  /// The beginning of a body; bytes that are no UTF-8 become U+FFFD.
  static func of(_ body: ByteBuffer) -> String {
    of(bytes: body.readableBytesView)
  }

  /// The beginning of a text.
  static func of(_ text: String) -> String {
    of(bytes: text.utf8)
  }

  private static func of(bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(limit), as: UTF8.self)
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      line.append(isPrintable(scalar) ? scalar : " ")
    }
    while line.last == " " { line.removeLast() }
    if bytes.count > limit { line.append("…") }
    return String(line)
  }

  /// Control characters could forge log lines, format characters could reorder what is read.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: false
    default: true
    }
  }
}
