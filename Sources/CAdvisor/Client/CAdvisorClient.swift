public import AsyncHTTPClient

/// Asks one cAdvisor what its containers and its machine use; keeps nothing between questions.
///
/// No question has a deadline but the HTTP client's time-outs: cancel the task to give up, which
/// ends it at once with ``CAdvisorError/Kind/cancelled``. Replies are bounded, and decoded off
/// the caller's actor.
public struct CAdvisorClient: Sendable {
  /// Whom it asks.
  public let endpoint: CAdvisorEndpoint
  private let exchange: Exchange

  /// A client of one endpoint.
  ///
  /// - Parameters:
  ///   - endpoint: Whom to ask.
  ///   - http: Made with ``CAdvisorHTTP/configuration(caFile:)``; shared by many clients.
  ///   - credentials: For a proxy in front of it.
  ///   - replyLimit: The largest reply that is read, in bytes.
  public init(
    endpoint: CAdvisorEndpoint, http: HTTPClient, credentials: CAdvisorCredentials? = nil,
    replyLimit: Int = 16 << 20
  ) {
    self.endpoint = endpoint
    exchange = Exchange(
      endpoint: endpoint, http: http, credentials: credentials, replyLimit: max(0, replyLimit))
  }

  /// All Docker containers, each with its newest sample.
  ///
  /// An empty reply means "no containers" *or* "cAdvisor does not see Docker".
  ///
  /// - Parameter maxAge: cAdvisor reads every counter anew whose last reading is older. One
  ///   before 0.20.4 cannot, and may answer with readings up to two minutes old.
  @concurrent
  public func containers(maxAge: Duration) async throws(CAdvisorError) -> ContainersReply {
    try await ask({ .containers($0, maxAge: maxAge) }, ReplyDecoder.containers)
  }

  /// The whole machine's newest sample.
  ///
  /// - Parameter maxAge: As for ``containers(maxAge:)``.
  @concurrent
  public func host(maxAge: Duration) async throws(CAdvisorError) -> HostReply {
    try await ask({ .host($0, maxAge: maxAge) }, ReplyDecoder.host)
  }

  /// The CPU limits of all Docker containers, by container id; a spec that does not decode is
  /// left out.
  ///
  /// cAdvisor reads a spec anew on being asked when it is older than 5 s.
  @concurrent
  public func specs() async throws(CAdvisorError) -> [String: CPUSpec] {
    try await specsReply().specs
  }

  /// The same, with what is wrong with those left out.
  @concurrent
  func specsReply() async throws(CAdvisorError) -> SpecsReply {
    try await ask(.specs, ReplyDecoder.specs)
  }

  /// The machine's hardware and boot.
  @concurrent
  public func machine() async throws(CAdvisorError) -> MachineInfo {
    try await ask(.machine, ReplyDecoder.machine)
  }

  private func ask<Answer>(
    version: APIVersion = .preferred, _ request: (APIVersion) -> APIRequest,
    _ decode: (Reply, APIVersion) throws(MalformedReply) -> Answer
  ) async throws(CAdvisorError) -> Answer {
    do throws(CAdvisorError) {
      return try await ask(request(version)) { reply throws(MalformedReply) in
        try decode(reply, version)
      }
    } catch {
      guard let fallback = version.fallback(after: error) else { throw error }
      return try await ask(version: fallback, request, decode)
    }
  }

  private func ask<Answer>(
    _ request: APIRequest, _ decode: (Reply) throws(MalformedReply) -> Answer
  ) async throws(CAdvisorError) -> Answer {
    let reply = try await exchange.send(request)
    do throws(MalformedReply) {
      return try decode(reply)
    } catch {
      throw exchange.error(.malformed, request, error.detail)
    }
  }
}

extension CAdvisorClient: CustomStringConvertible, CustomReflectable {
  /// The endpoint.
  public var description: String { endpoint.description }
  /// The endpoint alone: an HTTP client at work must not be walked through, nor a password.
  public var customMirror: Mirror { Mirror(self, children: ["endpoint": endpoint]) }
}
