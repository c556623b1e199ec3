/// The name of a backend or a server that cannot be anything but a name in a command.
///
/// HAProxy's configuration admits ASCII letters, digits, `-`, `_`, `.` and `:`. A space, `;`,
/// newline or backslash would begin an argument or a command of its own.
package struct ProxyName: Hashable, Sendable {
  /// A line of the configuration is not longer, and a command must stay far below HAProxy's buffer.
  private static let longest = 2048

  package let text: String

  /// - Throws: `.invalidName`.
  package init(_ text: String, at address: RuntimeAddress) throws(RuntimeError) {
    guard
      !text.isEmpty, text.utf8.count <= Self.longest, text.utf8.allSatisfy(Self.isAllowed)
    else {
      throw RuntimeError(
        .invalidName, at: address, underlying: String(reflecting: String(text.prefix(64))))
    }
    self.text = text
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: ":"):
      true
    default:
      false
    }
  }
}
