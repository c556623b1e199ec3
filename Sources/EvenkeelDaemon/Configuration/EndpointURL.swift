import CheckedJSON
import FoundationEssentials

/// The base URL of a cAdvisor, as far as it is fit to be shown and to be polled.
///
/// What it refuses it does not quote: there may be a password in it.
struct EndpointURL: Equatable {
  struct Invalid: Error, Equatable {
    let message: String
    let hint: String
  }

  /// Without slashes at its end.
  let text: String
  /// Without the brackets of an IPv6 address.
  let host: String
  /// 1…65535; the scheme's own where none is given.
  let port: Int
  let path: String
  /// Whether it begins with `https`.
  let isSecure: Bool

  private static let form = "allowed: http://HOST:PORT or https://HOST:PORT, with or without a path"

  init(_ text: String) throws(Invalid) {
    guard let parts = URLComponents(string: text, encodingInvalidCharacters: false),
      let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme)
    else {
      throw Invalid(message: "is no URL that begins with http:// or https://", hint: Self.form)
    }
    guard parts.user == nil, parts.password == nil else {
      throw Invalid(
        message: "must not contain a user or a password",
        hint: "write an object with `url`, `username` and `password_file`")
    }
    let host = parts.host.map(Self.withoutBrackets) ?? ""
    guard !host.isEmpty, host.unicodeScalars.allSatisfy(HAProxyNames.allow) else {
      throw Invalid(message: "names no host, or one with unusual characters", hint: Self.form)
    }
    guard parts.query == nil, parts.fragment == nil else {
      throw Invalid(message: "must end before `?` or `#`", hint: Self.form)
    }
    self.isSecure = scheme == "https"
    let port = parts.port ?? (isSecure ? 443 : 80)
    guard (1...65_535).contains(port) else {
      throw Invalid(message: "has a port that does not exist", hint: "allowed: 1…65535")
    }
    self.port = port
    self.host = host
    self.path = Self.withoutSlashesAtEnd(parts.path)
    self.text = Self.withoutSlashesAtEnd(scheme + text.dropFirst(scheme.count))
  }

  /// What two spellings of one address have in common.
  var identity: [String] { [isSecure ? "https" : "http", host.lowercased(), String(port), path] }

  private static func withoutBrackets(_ host: String) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }

  private static func withoutSlashesAtEnd(_ text: String) -> String {
    guard let last = text.lastIndex(where: { $0 != "/" }) else { return "" }
    return String(text[...last])
  }
}
