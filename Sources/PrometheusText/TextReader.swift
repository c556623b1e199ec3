/// Reads a page of metrics in Prometheus' text format as it comes in, and hands out the series that
/// somebody wants; the rest, mostly nine tenths of it, is passed over line by line.
///
/// A line that is wrong spoils itself alone. A page that begins with none of the format is no page of
/// metrics, and one that ends within a line was cut.
package struct TextReader: Sendable {
  /// Longer than any line with all labels of a container.
  package static let longestLine = 1 << 20
  private static let excerptLength = 120

  /// Wanted names, by their bytes.
  private let names: [[UInt8]: String]
  private let keys: [[UInt8]: String]
  private let wanted: Set<String>

  /// The line that has begun.
  private var rest: [UInt8] = []
  /// The name of the line before, which is mostly that of the next.
  private var lastName: [UInt8] = []
  private var lastWanted: String?
  private var hasBegun = false
  private var hasEnded = false

  /// Wanted lines that could not be read.
  package private(set) var malformedLines = 0
  /// The beginning of the first of them.
  package private(set) var malformedLine: String?

  /// - Parameters:
  ///   - names: of the series to hand out.
  ///   - labels: to keep of them.
  package init(names: Set<String>, labels: Set<String>) {
    self.names = Dictionary(uniqueKeysWithValues: names.map { (Array($0.utf8), $0) })
    keys = Dictionary(uniqueKeysWithValues: labels.map { (Array($0.utf8), $0) })
    wanted = names
  }

  /// Takes the next part.
  package mutating func take(
    _ part: [UInt8], _ each: (TextSample) -> Void
  ) throws(MalformedText) {
    var start = part.startIndex
    while let end = part[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if rest.isEmpty {
        try takeLine(part[start..<end], each)
      } else {
        rest += part[start..<end]
        let line = rest
        rest.removeAll(keepingCapacity: true)
        try takeLine(line[...], each)
      }
      start = end + 1
    }
    guard rest.count + part.count - start <= Self.longestLine else {
      throw MalformedText(detail: "a line is longer than \(Self.longestLine) bytes")
    }
    rest += part[start...]
  }

  /// Nothing more comes.
  package mutating func finish() throws(MalformedText) {
    if rest.elementsEqual("# EOF".utf8) { rest = [] }
    guard rest.isEmpty else { throw MalformedText(detail: "it ends within a line") }
    guard hasBegun || hasEnded else { throw MalformedText(detail: "there is nothing in it") }
  }

  private mutating func takeLine(
    _ raw: ArraySlice<UInt8>, _ each: (TextSample) -> Void
  ) throws(MalformedText) {
    let line = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
    guard let first = line.first else { return }
    guard first != UInt8(ascii: "#") else {
      // It may be all that there is: a server that has no series.
      hasEnded = true
      return
    }
    let name = LineParser.name(of: line)
    let known: String?
    if let name {
      known = wantedName(name)
      // The first line is looked at whatever it is: it tells a page of metrics from another.
      guard known != nil || !hasBegun else { return }
    } else {
      known = nil
    }
    var parser = LineParser(line)
    let isForeign = name != nil && known == nil
    let outcome = parser.sample(
      named: isForeign ? "" : known, length: name?.count ?? 0, keys: keys,
      isWanted: { wanted.contains($0) })
    switch outcome {
    case .sample(let sample):
      hasBegun = true
      if wanted.contains(sample.name) { each(sample) }
    case .other: hasBegun = true
    case .malformed:
      guard hasBegun else { throw MalformedText(detail: "it begins with \(Self.excerpt(line))") }
      malformedLines += 1
      malformedLine = malformedLine ?? Self.excerpt(line)
    }
  }

  private mutating func wantedName(_ name: ArraySlice<UInt8>) -> String? {
    if name.elementsEqual(lastName) { return lastWanted }
    lastName = Array(name)
    lastWanted = names[lastName]
    return lastWanted
  }

  private static func excerpt(_ line: ArraySlice<UInt8>) -> String {
    let text = String(decoding: line.prefix(excerptLength), as: UTF8.self)
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
        shown.append(" ")
      default: shown.append(scalar)
      }
    }
    return "`\(String(shown))`" + (line.count > excerptLength ? "…" : "")
  }
}
