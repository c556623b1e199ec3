package import CAdvisor

/// A file with nothing but a password in it.
package enum PasswordFile {
  private static let mostBytes = 4096

  package struct Unusable: Error, CustomStringConvertible {
    package let description: String
  }

  /// The password: the first line.
  package static func read(_ path: String) throws(Unusable) -> CAdvisorCredentials.Secret {
    let bytes: [UInt8]
    do {
      bytes = try RegularFile.read(path, limit: mostBytes)
    } catch {
      throw Unusable(description: "password_file \(path) \(error)")
    }
    let password = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
    guard !password.isEmpty else {
      throw Unusable(description: "password_file \(path) begins with an empty line")
    }
    return CAdvisorCredentials.Secret(String(password))
  }
}
