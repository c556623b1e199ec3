internal import FoundationEssentials

/// A whole text, decoded by `JSONDecoder` where that can be done without a trap.
///
/// At 513 brackets the decoder gives up, and that of Swift 6.3 looks behind the bracket for the place
/// to name: where the text ends there, that is the end of the program.
package enum WholeJSON {
  /// - Parameter snakeCase: whether `a_key` in the text is `aKey` in the value.
  /// - Throws: `UnfinishedJSON` where it breaks off behind an opening bracket; a `DecodingError`
  ///   without a path where it is no JSON otherwise.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: some BidirectionalCollection<UInt8>, snakeCase: Bool = false
  ) throws -> Value {
    guard mayBeUTF8(bytes) else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "it is not UTF-8"))
    }
    if let last = bytes.last(where: { !isSpace($0) }), isOpening(last) { throw UnfinishedJSON() }
    let decoder = JSONDecoder()
    if snakeCase { decoder.keyDecodingStrategy = .convertFromSnakeCase }
    return try decoder.decode(type, from: Data(bytes))
  }

  /// The decoder would take UTF-16 and UTF-32 as well, whose last byte says nothing; JSON that goes
  /// from one program to another is UTF-8 (RFC 8259, section 8.1).
  ///
  /// It tells them by a mark, or by zeros, at the very beginning.
  private static func mayBeUTF8(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.prefix(4).contains { $0 == 0 || $0 >= 0xFE }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (UInt8(ascii: "\t")...UInt8(ascii: "\r")).contains(byte)
  }

  private static func isOpening(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{")
  }
}

/// A text that breaks off where something begins.
package struct UnfinishedJSON: Error, CustomStringConvertible {
  package var description: String { "it ends where something begins" }
}
