/// Why a cAdvisor gave no answer that can be used.
///
/// Its description is a sentence for an operator, bounded and without control characters
/// whatever the other side sent; it never holds credentials.
public struct CAdvisorError: Error, Hashable, Sendable {
  /// What went wrong. More cases may come: keep a `default`.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Kind: Hashable, Sendable {
    /// The host's name has no address.
    case nameNotResolved
    /// Nothing listens there.
    case connectionRefused
    /// The network failed, or the other side closed the connection before it answered.
    case unreachable
    /// No connection, or a silence, for longer than the HTTP client's own time-outs.
    case timedOut
    /// TLS failed, for instance at a port that does not speak it.
    case tls
    /// The server's certificate is not signed by an authority that is trusted.
    case untrustedCertificate
    /// The server's certificate does not name the host.
    case foreignCertificate
    /// The server wants a certificate of the client, or another one.
    case clientCertificateRefused
    /// The server's certificate has expired, or is not valid yet.
    case expiredCertificate
    /// Status 401, from a proxy: cAdvisor's API knows no credentials.
    case unauthorized
    /// Status 403, from a proxy, for want of credentials or by a rule.
    case forbidden
    /// A 3xx, which is not followed.
    case redirect
    /// A status by which something before cAdvisor refuses one question, while others are answered.
    case partRefused(Int)
    /// Any other status outside of 2xx.
    case status(Int)
    /// The reply ended before it was whole.
    case cutShort
    /// The reply is larger than the limit.
    case tooLarge
    /// The reply is not what the API promises.
    case malformed
    /// Now this machine answers under the URL, now that.
    case severalMachines
    /// The caller's task was cancelled, perhaps by its deadline.
    case cancelled
  }

  /// What went wrong.
  public let kind: Kind
  /// Whom it was asked of.
  public let endpoint: CAdvisorEndpoint
  /// What was asked: `GET /api/v1.3/machine`.
  public let request: String
  /// The other side's words (at most 200 bytes of a body), or those of the system below.
  public let detail: String

  /// An error of one request.
  public init(kind: Kind, endpoint: CAdvisorEndpoint, request: String, detail: String) {
    self.kind = kind
    self.endpoint = endpoint
    self.request = request
    self.detail = detail
  }
}

extension CAdvisorError: CustomStringConvertible {
  /// One sentence: where, what, and what to change where that is known.
  public var description: String { "\(endpoint): \(reason)" }

  /// The sentence without where.
  public var reason: String {
    let words = detail.isEmpty ? "" : " (\(detail))"
    if case .partRefused = kind { return sentence(words) }
    return "\(sentence(words)) [\(request)]"
  }

  private func sentence(_ words: String) -> String {
    switch kind {
    case .nameNotResolved:
      "the name \(endpoint.host) is not resolved\(words); check its spelling and the DNS"
    case .connectionRefused:
      "connection refused\(words); is cAdvisor running there, and is the port right?"
    case .unreachable:
      """
      unreachable\(words); check the host, the route, any firewall, and whether the port wants \
      https
      """
    case .timedOut:
      "no answer in time\(words); check that cAdvisor is not overloaded and no firewall drops it"
    case .tls:
      "TLS failed\(words); check that the port speaks TLS"
    case .untrustedCertificate:
      """
      its certificate is not signed by an authority that is trusted\(words); set ca_file to the \
      certificate of the authority that signed it
      """
    case .foreignCertificate:
      """
      its certificate is not for \(endpoint.serverName ?? endpoint.host)\(words); set server_name \
      to the name that is in it, or have one issued for this name
      """
    case .clientCertificateRefused:
      """
      it wants another client certificate than it gets\(words); set client_certificate_file and \
      client_key_file to what its proxy trusts
      """
    case .expiredCertificate:
      "its certificate has expired or is not valid yet\(words); renew it, or set this host's clock"
    case .unauthorized:
      """
      not authorized\(words); set username and password_file, or token_file, to what its proxy \
      accepts
      """
    case .forbidden:
      """
      not allowed\(words); set username and password_file, or token_file, to what its proxy accepts, \
      and let it allow GET and POST below /api/v1.3/ and /api/v2.1/
      """
    case .redirect:
      "redirects\(words), which is not followed; write the URL that it redirects to"
    case .partRefused(let status):
      """
      \(request) is refused with \(status) by whatever stands before cAdvisor\(words), which \
      answers elsewhere; allow GET and POST below /api/v1.3/ and /api/v2.1/
      """
    case .status(404):
      "status 404\(words); check the path in the URL: cAdvisor's API must be right below it"
    case .status(let status) where (502...504).contains(status):
      "status \(status)\(words); the proxy answers, but the cAdvisor behind it does not"
    case .status(let status):
      "status \(status)\(words)"
    case .cutShort:
      "the reply ended before it was whole\(words)"
    case .tooLarge:
      """
      the reply is too large\(words); raise reply_limit, or let cAdvisor tell less \
      (-disable_metrics)
      """
    case .malformed:
      "the reply is not cAdvisor's\(words); check that the URL is that of a cAdvisor"
    case .severalMachines:
      """
      answers for several machines\(words): boot_id changes to and fro; give each machine a URL of \
      its own
      """
    case .cancelled:
      "given up before the answer came"
    }
  }
}

extension CAdvisorError {
  /// Whether the question may be let through in another form: by another method, without a body.
  var refusesTheForm: Bool {
    switch kind {
    case .forbidden: true
    case .status(let status): [400, 405, 411, 413, 415, 501].contains(status)
    default: false
    }
  }

  /// Whether only this question failed: somebody is there, and answered something of no use.
  var isOfOneQuestion: Bool {
    switch kind {
    case .unauthorized, .forbidden, .status, .partRefused, .redirect, .malformed, .tooLarge: true
    default: false
    }
  }

  /// The same error, where other questions are answered: then it is not the credentials that are
  /// wrong, nor the URL.
  var besideAnswers: CAdvisorError {
    let status: Int
    switch kind {
    case .unauthorized: status = 401
    case .forbidden: status = 403
    case .status(let other) where [404, 405, 501].contains(other): status = other
    default: return self
    }
    return CAdvisorError(
      kind: .partRefused(status), endpoint: endpoint, request: request, detail: detail)
  }
}
