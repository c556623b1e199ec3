import FoundationEssentials
import Names

/// Where a cAdvisor answers: `http://10.0.0.31:8080`, or `https://lb.example/cadvisor` behind a proxy.
///
/// A path is kept as the prefix of every request (`-url_base_prefix`, or a proxy's location).
/// Slashes at its end are dropped: cAdvisor answers a doubled slash with a redirect, on which
/// most clients lose the body of a POST.
public struct CAdvisorEndpoint: Hashable, Sendable {
  /// The URL without a slash at its end; never holds credentials.
  public let url: String
  /// The host's name or address as written, an IPv6 address without its brackets.
  public let host: String
  /// The port as written, else the scheme's own.
  public let port: Int
  /// The name that its certificate must have, where that is not the host's.
  public let serverName: String?
  /// The URL that requests go to: with the server's name in the place of the host.
  let requestURL: String

  /// Parses a base URL.
  ///
  /// - Parameters:
  ///   - url: `http` or `https`, a host, perhaps a port (else the scheme's own, 80 or 443) and a
  ///     path. No user, password, query or fragment.
  ///   - serverName: the DNS name that its certificate must have, where that is not the host's. It
  ///     needs an HTTP client that was set up for this endpoint.
  public init(url: String, serverName: String? = nil) throws(CAdvisorURLError) {
    func failure(_ problem: CAdvisorURLError.Problem) -> CAdvisorURLError {
      CAdvisorURLError(problem, in: url)
    }
    guard let parts = URLComponents(string: url, encodingInvalidCharacters: false) else {
      throw failure(.notAURL)
    }
    guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https" else {
      throw failure(.scheme)
    }
    guard parts.percentEncodedUser == nil, parts.percentEncodedPassword == nil else {
      throw failure(.credentials)
    }
    guard let host = parts.encodedHost, !host.isEmpty else { throw failure(.noHost) }
    guard parts.percentEncodedQuery == nil else { throw failure(.query) }
    guard parts.percentEncodedFragment == nil else { throw failure(.fragment) }
    var port = ""
    if let text = Self.port(in: url) {
      guard let number = Int(text), (1...65535).contains(number) else { throw failure(.port) }
      port = ":\(number)"
    }
    var path = Substring(parts.percentEncodedPath)
    while path.hasSuffix("/") { path.removeLast() }

    self.port = Int(port.dropFirst()) ?? (scheme == "https" ? 443 : 80)
    self.url = "\(scheme)://\(host)\(port)\(path)"
    self.serverName = serverName
    requestURL = "\(scheme)://\(serverName ?? host)\(port)\(path)"
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
  }

  /// One whose parts are known.
  init(url: String, host: String, port: Int, requestURL: String) {
    self.url = url
    self.host = host
    self.port = port
    self.requestURL = requestURL
    serverName = nil
  }

  /// What stands after the host's colon. `URLComponents` drops a port that is too large for it,
  /// which would lead to another server.
  private static func port(in url: String) -> Substring? {
    guard let scheme = url.firstRange(of: "://") else { return nil }
    let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
    let afterAddress = authority.lastIndex(of: "]").map { authority[$0...] } ?? authority
    return afterAddress.lastIndex(of: ":").map { afterAddress[$0...].dropFirst() }
  }
}

extension CAdvisorEndpoint {
  /// Whether its host is written as an address, which needs no look-up.
  package var isAddress: Bool { SystemResolver.isAddress(host) }
}

extension CAdvisorEndpoint: CustomStringConvertible {
  /// The URL.
  public var description: String { url }
}
