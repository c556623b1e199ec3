package import CAdvisor

/// A file with nothing but a password or a token in it.
package enum SecretFile {
  private static let mostBytes = 4096

  /// What is in it, by its key in the configuration.
  package enum Role: String, Sendable {
    case password = "password_file"
    case token = "token_file"
  }

  package struct Unusable: Error, CustomStringConvertible {
    package let description: String
    /// Whether another user could read it.
    package var isForbidden = false
  }

  /// The secret: the first line.
  package static func read(
    _ path: String, as role: Role
  ) throws(Unusable) -> CAdvisorCredentials.Secret {
    CAdvisorCredentials.Secret(try text(of: path, as: role))
  }

  /// The first line, for another kind of secret.
  static func text(of path: String, as role: Role) throws(Unusable) -> String {
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = try RegularFile.read(path, limit: mostBytes)
    } catch {
      throw Unusable(
        description: "\(role.rawValue) \(path) \(error)", isForbidden: error == .notPermitted)
    }
    let secret = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
    guard !secret.isEmpty else {
      throw Unusable(description: "\(role.rawValue) \(path) begins with an empty line")
    }
    // RFC 6750, section 2.1; what else is there could not be sent in a header.
    guard role != .token || secret.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw Unusable(
        description: "\(role.rawValue) \(path) must begin with a line of visible ASCII, without "
          + "spaces")
    }
    return String(secret)
  }
}
