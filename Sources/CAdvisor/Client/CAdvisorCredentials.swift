import FoundationEssentials

/// What a proxy in front of cAdvisor wants to know.
///
/// cAdvisor itself never asks for it: its `-http_auth_file` does not protect the API.
public enum CAdvisorCredentials: Hashable, Sendable {
  /// HTTP basic authentication. A user's name with a colon cannot be sent: the server would split
  /// it there.
  case basic(username: String, password: Secret)
  /// A bearer token: visible ASCII, without spaces (RFC 6750).
  case bearer(token: Secret)
}

extension CAdvisorCredentials {
  /// The text without the password or token, should a server have sent it back: plain, or as basic
  /// authentication codes it.
  func hidden(in text: String) -> String {
    switch self {
    case .basic(let username, let password):
      guard !password.text.isEmpty else { return text }
      let coded = Data("\(username):\(password.text)".utf8).base64EncodedString()
      return text.replacing(coded, with: "\(password)")
        .replacing(password.text, with: "\(password)")
    case .bearer(let token):
      return token.text.isEmpty ? text : text.replacing(token.text, with: "\(token)")
    }
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
