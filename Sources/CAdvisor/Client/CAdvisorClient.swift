public import AsyncHTTPClient
import NIOCore

/// Asks one cAdvisor what its containers and its machine use; keeps nothing between questions.
///
/// No question has a deadline but the HTTP client's time-outs: cancel the task to give up, which
/// ends it at once with ``CAdvisorError/Kind/cancelled``. Replies are bounded, and decoded off
/// the caller's actor; the long ones container by container, as they come.
public struct CAdvisorClient: Sendable {
  /// Whom it asks.
  public var endpoint: CAdvisorEndpoint { exchange.endpoint }
  private let exchange: Exchange
  /// The keys of the containers' labels that anybody wants to know; `nil` keeps all. They are most of what a
  /// container takes.
  package var keptLabels: Set<String>?

  /// The largest reply that is read where nothing else is said, in bytes.
  public static let standardReplyLimit = 16 << 20

  /// A client of one endpoint.
  ///
  /// - Parameters:
  ///   - endpoint: Whom to ask.
  ///   - http: Made with ``CAdvisorHTTP/configuration(caFile:clientCertificate:for:)``; shared by
  ///     many clients.
  ///   - credentials: For a proxy in front of it.
  ///   - replyLimit: The largest reply that is read, in bytes.
  public init(
    endpoint: CAdvisorEndpoint, http: HTTPClient, credentials: CAdvisorCredentials? = nil,
    replyLimit: Int = standardReplyLimit
  ) {
    exchange = Exchange(
      with: endpoint, over: .client(http), credentials: credentials, replyLimit: replyLimit)
  }

  /// A client of an endpoint whose name is looked up on the way.
  package init(
    endpoint: CAdvisorEndpoint, route: EndpointRoute, credentials: CAdvisorCredentials? = nil,
    replyLimit: Int = standardReplyLimit
  ) {
    exchange = Exchange(
      with: endpoint, over: .route(route), credentials: credentials, replyLimit: replyLimit)
  }

  /// All Docker containers, each with its newest sample.
  ///
  /// An empty reply means "no containers" *or* "cAdvisor does not see Docker".
  ///
  /// - Parameter maxAge: cAdvisor reads every counter anew whose last reading is older. One
  ///   before 0.20.4 cannot, and may answer with readings up to two minutes old.
  @concurrent
  public func containers(maxAge: Duration) async throws(CAdvisorError) -> ContainersReply {
    try await ask(as: .preferred) { version in
      (.containers(version, maxAge: maxAge), ReplyDecoder.containers(keeping: keptLabels))
    }
  }

  /// One container with its newest sample, as a reply with no other; one that is not there is an error.
  ///
  /// - Parameters:
  ///   - id: As ``containers(maxAge:)`` tells it.
  ///   - maxAge: As for ``containers(maxAge:)``. A cAdvisor before 0.20.4 cannot be asked.
  @concurrent
  func container(
    _ id: String, maxAge: Duration
  ) async throws(CAdvisorError) -> ContainersReply {
    try await exchange.send(
      .container(id, maxAge: maxAge), into: ReplyDecoder.containers(keeping: keptLabels))
  }

  /// The whole machine's newest sample.
  ///
  /// - Parameter maxAge: As for ``containers(maxAge:)``.
  @concurrent
  public func host(maxAge: Duration) async throws(CAdvisorError) -> HostReply {
    try await ask(as: .preferred) { version in
      (
        .host(version, maxAge: maxAge),
        WholeReader { reply throws(MalformedReply) in try ReplyDecoder.host(reply, version) }
      )
    }
  }

  /// The CPU limits of all Docker containers, by container id; a spec that does not decode is
  /// left out.
  ///
  /// cAdvisor reads a spec anew on being asked when it is older than 5 s. A proxy that lets no POST
  /// through is asked by GET.
  @concurrent
  public func specs() async throws(CAdvisorError) -> [String: CPUSpec] {
    try await specsReply(in: .post).reply.specs
  }

  /// The same, with what is wrong with those left out, and the form in which it was answered.
  ///
  /// - Parameter form: the one that was answered before.
  @concurrent
  func specsReply(
    in form: QuestionForm
  ) async throws(CAdvisorError) -> (reply: SpecsReply, form: QuestionForm) {
    var form = form
    var refusal: CAdvisorError?
    while true {
      do throws(CAdvisorError) {
        return (try await exchange.send(.specs(form), into: ReplyDecoder.specs), form)
      } catch {
        guard error.refusesTheForm, let next = form.next else { throw refusal ?? error }
        refusal = refusal ?? error
        form = next
      }
    }
  }

  /// Every cgroup that cAdvisor knows.
  ///
  /// - Parameter form: the one in which the limits were answered.
  @concurrent
  func cgroups(in form: QuestionForm) async throws(CAdvisorError) -> CgroupsReply {
    try await exchange.send(.cgroups(form), into: ReplyDecoder.cgroups)
  }

  /// The machine's hardware and boot.
  @concurrent
  public func machine() async throws(CAdvisorError) -> MachineInfo {
    try await machine(.machine)
  }

  /// The same, and the connection ends with it.
  @concurrent
  func machineAtLast() async throws(CAdvisorError) -> MachineInfo {
    try await machine(.machineAtLast)
  }

  private func machine(_ request: APIRequest) async throws(CAdvisorError) -> MachineInfo {
    try await exchange.send(
      request,
      into: WholeReader { reply throws(MalformedReply) in try ReplyDecoder.machine(reply) })
  }

  /// An error of the whole endpoint.
  func error(_ kind: CAdvisorError.Kind, _ request: APIRequest, _ detail: String) -> CAdvisorError {
    exchange.error(kind, request, detail)
  }

  private func ask<Reader: BodyReader>(
    as version: APIVersion, _ question: (APIVersion) -> (APIRequest, Reader)
  ) async throws(CAdvisorError) -> Reader.Answer {
    let (request, reader) = question(version)
    do throws(CAdvisorError) {
      return try await exchange.send(request, into: reader)
    } catch {
      guard let fallback = version.fallback(after: error) else { throw error }
      return try await ask(as: fallback, question)
    }
  }
}

extension CAdvisorClient: CustomStringConvertible, CustomReflectable {
  /// The endpoint.
  public var description: String { endpoint.description }
  /// The endpoint alone: an HTTP client at work must not be walked through, nor a password.
  public var customMirror: Mirror { Mirror(self, children: ["endpoint": endpoint]) }
}
