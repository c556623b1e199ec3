import CAdvisor
import CheckedJSON
import FoundationEssentials

/// The URL of a source of load, as far as it is fit to be shown and to be polled.
///
/// What it refuses it does not quote: there may be a password in it.
struct EndpointURL: Equatable {
  struct Invalid: Error, Equatable {
    let message: String
    let hint: String
  }

  /// Without slashes at its end, and without a query.
  let text: String
  /// Without the brackets of an IPv6 address.
  let host: String
  /// 1…65535; the scheme's own where none is given.
  let port: Int
  let path: String
  /// What follows a `?`, fit to be sent.
  let query: String?
  /// Whether it begins with `https`.
  let isSecure: Bool
  /// The path of a socket of this machine, where it is one and no URL.
  let socket: String?

  private static let form = "allowed: http://HOST:PORT or https://HOST:PORT, with or without a path"

  /// - Parameter kind: of what it is the URL; `nil` where its path tells.
  init(_ text: String, kind: SourceKind? = .cadvisor) throws(Invalid) {
    if kind == nil || kind == .docker, text.hasPrefix("unix:") {
      // `unix:///run/docker.sock` is how $DOCKER_HOST has it.
      let rest = text.dropFirst("unix:".count)
      let path = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
      guard path.hasPrefix("/"), path.count > 1, path.utf8.count <= Self.longestSocketPath else {
        throw Invalid(
          message: "is no path of a socket",
          hint: "allowed: unix:/PATH of up to \(Self.longestSocketPath) bytes")
      }
      (socket, query, isSecure, port) = (String(path), nil, false, 0)
      (host, self.path, self.text) = ("localhost", "", "unix:\(path)")
      return
    }
    socket = nil
    // People write a query as it is, with brackets and braces in it.
    let (address, query) = Self.parts(of: text)
    guard let parts = URLComponents(string: address, encodingInvalidCharacters: false),
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
    let path = Self.withoutSlashesAtEnd(parts.path)
    guard query == nil || (kind ?? SourceKind(path: path)) == .metrics, parts.fragment == nil else {
      throw Invalid(message: "must end before `?` or `#`", hint: Self.form)
    }
    self.query = query.map(Self.encoded)
    self.isSecure = scheme == "https"
    let port = parts.port ?? (isSecure ? 443 : 80)
    guard (1...65_535).contains(port) else {
      throw Invalid(message: "has a port that does not exist", hint: "allowed: 1…65535")
    }
    self.port = port
    self.host = host
    self.path = path
    self.text = Self.withoutSlashesAtEnd(scheme + address.dropFirst(scheme.count))
  }

  /// What the kernel takes (unix(7)).
  private static let longestSocketPath = 107

  /// Whether a Prometheus answers there with series of others.
  var isFederation: Bool { path.hasSuffix("/federate") }

  /// What two spellings of one address have in common.
  var identity: [String] {
    socket.map { ["unix", $0] }
      ?? [isSecure ? "https" : "http", host.lowercased(), String(port), path]
  }

  private static func parts(of text: String) -> (address: String, query: Substring?) {
    guard let mark = text.firstIndex(of: "?") else { return (text, nil) }
    return (String(text[..<mark]), text[mark...].dropFirst())
  }

  /// A query as it may be told: which series are asked of a Prometheus, and of all else the keys alone.
  static func shown(query: String) -> String {
    query.split(separator: "&", omittingEmptySubsequences: false).map { part in
      guard let end = part.firstIndex(of: "=") else { return "…" }
      let key = part[..<end]
      return ["match[]", "match%5B%5D", "match%5b%5d"].contains(key) ? String(part) : "\(key)=…"
    }.joined(separator: "&")
  }

  /// What is encoded already stays as it is (RFC 3986, section 3.4).
  private static func encoded(_ query: Substring) -> String {
    PercentCoding.coded(query, keeping: "!$&'()*+,;=:@/?%")
  }

  private static func withoutBrackets(_ host: String) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }

  private static func withoutSlashesAtEnd(_ text: String) -> String {
    guard let last = text.lastIndex(where: { $0 != "/" }) else { return "" }
    return String(text[...last])
  }
}
