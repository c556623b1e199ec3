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
  private static let mostBytes = 4096

  /// Reads the token that a configuration names.
  ///
  /// - Returns: `nil` where it names none.
  package static func load(
    _ configuration: Configuration, file: String
  ) throws(InvalidFile) -> StatusToken? {
    guard let path = configuration.status.tokenFile else { return nil }
    do throws(Unusable) {
      return try read(path)
    } catch {
      throw InvalidFile(
        file: file, problems: [Problem(path: "status.token_file", message: error.description)])
    }
  }

  package struct Unusable: Error, CustomStringConvertible {
    package let description: String
  }

  /// The token: the first line of a file.
  package static func read(_ path: String) throws(Unusable) -> StatusToken {
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = try RegularFile.read(path, limit: mostBytes)
    } catch {
      throw Unusable(description: "\(path) \(error)")
    }
    let token = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
    guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw Unusable(
        description: "\(path) does not begin with a line of visible ASCII, without spaces")
    }
    return StatusToken(String(token))
  }
}
