/// A text that is no base URL of a cAdvisor.
public struct CAdvisorURLError: Error, Hashable, Sendable {
  /// What is wrong with it. More cases may come: keep a `default`.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Problem: Hashable, Sendable {
    /// It does not parse as a URL at all.
    case notAURL
    /// Neither `http` nor `https`.
    case scheme
    /// No host.
    case noHost
    /// A port outside 1…65535.
    case port
    /// A user or a password in front of the host.
    case credentials
    /// Something after a `?`.
    case query
    /// Something after a `#`.
    case fragment
  }

  /// What is wrong with it.
  public let problem: Problem
  /// The text, with all that could be credentials replaced by `(secret)`.
  public let url: String

  init(_ problem: Problem, in url: String) {
    self.problem = problem
    self.url = Self.redacted(url)
  }

  /// Text before the last `@` may be a password, however badly the rest is formed.
  private static func redacted(_ url: String) -> String {
    guard let at = url.lastIndex(of: "@") else { return Excerpt.of(url) }
    let scheme = ["http://", "https://"].first { url.lowercased().hasPrefix($0) } ?? ""
    return Excerpt.of(scheme + "(secret)" + url[at...])
  }
}

extension CAdvisorURLError: CustomStringConvertible {
  /// One sentence: the URL, what is wrong, what to write instead.
  public var description: String {
    switch problem {
    case .notAURL:
      "\"\(url)\" is not a URL; write it like http://192.168.1.31:8080"
    case .scheme:
      "\"\(url)\" does not begin with http:// or https://; write it like http://192.168.1.31:8080"
    case .noHost:
      "\"\(url)\" names no host; write it like http://192.168.1.31:8080"
    case .port:
      "\"\(url)\" has a port outside 1 to 65535"
    case .credentials:
      "\"\(url)\" holds a user or password; use username and password_file instead"
    case .query:
      "\"\(url)\" has a query (?…); give only the base URL, the requests are added to it"
    case .fragment:
      "\"\(url)\" has a fragment (#…); give only the base URL"
    }
  }
}
