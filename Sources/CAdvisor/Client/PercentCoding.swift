/// Percent coding (RFC 3986). What comes with Swift leaves alone what a query may have as a whole, and
/// with it `+`, `&` and `=` of a value.
package enum PercentCoding {
  /// A text as one part of a URL: all is coded but what is unreserved (section 2.3).
  ///
  /// - Parameter more: ASCII that stays as it is besides.
  package static func coded(_ text: some StringProtocol, keeping more: String = "") -> String {
    var coded = ""
    for byte in text.utf8 {
      if isUnreserved(byte) || more.utf8.contains(byte) {
        coded.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        coded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return coded
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }
}
