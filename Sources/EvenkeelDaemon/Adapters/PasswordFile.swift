internal import FoundationEssentials

/// A file with nothing but a password in it.
package enum PasswordFile {
  private static let mostBytes = 4096

  package struct Unreadable: Error, CustomStringConvertible {
    package let description: String
  }

  /// The password without the line's end.
  package static func read(_ path: String) throws(Unreadable) -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Unreadable(
        description: "password_file \(path) cannot be read; check the path and its permissions")
    }
    guard data.count <= mostBytes, let text = String(data: data, encoding: .utf8) else {
      throw Unreadable(description: "password_file \(path) is not a short text file")
    }
    let password = text.prefix { !$0.isNewline }
    guard !password.isEmpty else {
      throw Unreadable(description: "password_file \(path) begins with an empty line")
    }
    return String(password)
  }
}
