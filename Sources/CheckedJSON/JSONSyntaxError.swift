/// Where a text stops being JSON, and why.
package struct JSONSyntaxError: Error, Equatable, Sendable {
  /// Counted from 1.
  package let line: Int
  /// Counted from 1, in Unicode scalars.
  package let column: Int
  package let message: String
  /// What to write instead, where that is known.
  package let hint: String?
}

extension JSONSyntaxError {
  init(at offset: Int, of bytes: [UInt8], _ message: String, hint: String? = nil) {
    let before = bytes.prefix(offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    self.line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    // Each scalar has one byte that is not a continuation (0b10xxxxxx).
    self.column = 1 + before[lineStart...].count { $0 & 0b1100_0000 != 0b1000_0000 }
    self.message = message
    self.hint = hint
  }
}
