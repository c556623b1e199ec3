package import CheckedJSON

/// The token that opens the status. It never shows itself.
package struct StatusToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let bytes: [UInt8]

  package init(_ text: String) { bytes = Array(text.utf8) }

  /// Whether it is the same, in a time that tells nothing of how much of it is right.
  package func matches(_ given: Substring) -> Bool {
    let given = Array(given.utf8)
    var difference = UInt8(given.count == bytes.count ? 0 : 1)
    for index in bytes.indices {
      difference |= bytes[index] ^ (given.indices.contains(index) ? given[index] : 0)
    }
    return difference == 0
  }

  /// The header's value, for a request.
  var authorization: String { "Bearer \(String(decoding: bytes, as: UTF8.self))" }

  package var description: String { "(secret)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension StatusToken {
  /// Reads the token that a configuration names.
  ///
  /// - Returns: `nil` where it names none.
  package static func load(
    _ configuration: Configuration, file: String
  ) throws(InvalidFile) -> StatusToken? {
    guard let path = configuration.status.tokenFile else { return nil }
    do throws(SecretFile.Unusable) {
      return try read(path)
    } catch {
      throw InvalidFile(
        file: file, problems: [Problem(path: "status", message: error.description)])
    }
  }

  /// The token: the first line of a file.
  package static func read(_ path: String) throws(SecretFile.Unusable) -> StatusToken {
    StatusToken(try SecretFile.text(of: path, as: .token))
  }
}
