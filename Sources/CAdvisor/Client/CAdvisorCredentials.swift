import FoundationEssentials

/// User and password for a proxy in front of cAdvisor, sent as HTTP basic authentication.
///
/// cAdvisor itself never asks for them: its `-http_auth_file` does not protect the API.
public struct CAdvisorCredentials: Hashable, Sendable {
  /// The user's name. One with a colon cannot be sent: the server would split it there.
  public let username: String
  /// The password.
  public let password: Secret

  /// Credentials of a user.
  public init(username: String, password: Secret) {
    self.username = username
    self.password = password
  }

  /// Credentials of a user.
  public init(username: String, password: String) {
    self.init(username: username, password: Secret(password))
  }
}

extension CAdvisorCredentials {
  /// The text without the password, should a server have sent it back: plain, or as basic
  /// authentication codes it.
  func hidden(in text: String) -> String {
    guard !password.text.isEmpty else { return text }
    let coded = Data("\(username):\(password.text)".utf8).base64EncodedString()
    return text.replacing(coded, with: "\(password)").replacing(password.text, with: "\(password)")
  }

  /// A text that prints as `(secret)`, also in `dump`, in a debugger and inside of other values.
  public struct Secret: Hashable, Sendable {
    let text: String

    /// Hides a text.
    public init(_ text: String) { self.text = text }
  }
}

extension CAdvisorCredentials.Secret: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// `(secret)`.
  public var description: String { "(secret)" }
  /// `(secret)`.
  public var debugDescription: String { "(secret)" }
  /// A mirror without children.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
