import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Names

/// Sends one request and reads the bounded body of a good reply.
struct Exchange: Sendable {
  /// How the endpoint is reached.
  enum Transport: Sendable {
    case client(HTTPClient)
    case route(EndpointRoute)
  }

  let endpoint: CAdvisorEndpoint
  let transport: Transport
  let credentials: CAdvisorCredentials?
  /// The largest body that is read, in bytes.
  let replyLimit: Int
  var budget = ReplyBudget.shared

  /// Ends a request whose caller sets no deadline; ends only the wait for the reply's head.
  private static let backstop: TimeAmount = .seconds(60)
  /// How much of an error's body is read on: enough that a usual one leaves the connection usable.
  private static let errorBodyLimit = 4096
  /// As many as a reader's questions leave behind; all die at once with a cAdvisor that is stopped.
  private static let pooledConnections = 4

  init(
    with endpoint: CAdvisorEndpoint, over transport: Transport, credentials: CAdvisorCredentials?,
    replyLimit: Int
  ) {
    self.endpoint = endpoint
    self.transport = transport
    self.credentials = credentials
    self.replyLimit = max(0, replyLimit)
  }

  func send<Reader: BodyReader>(
    _ request: APIRequest, into reader: Reader
  ) async throws(CAdvisorError) -> Reader.Answer {
    let response: HTTPClientResponse
    do throws(NoHead) {
      response = try await head(of: request)
    } catch {
      throw await explained(failure(of: request, error.cause, beforeTheHead: true), error.address)
    }
    guard (200..<300).contains(response.status.code) else {
      throw await refusal(response, of: request)
    }
    if let coding = response.headers["content-encoding"].first(where: { $0 != "identity" }) {
      let detail = Excerpt.of("Content-Encoding \(coding), which was not asked for")
      throw self.error(.malformed, request, detail)
    }
    if let length = response.headers.first(name: "content-length").flatMap({ Int($0) }),
      length > replyLimit
    {
      throw error(.tooLarge, request, "\(length) bytes, more than \(replyLimit)")
    }
    return try await read(response, of: request, into: reader)
  }

  private func read<Reader: BodyReader>(
    _ response: HTTPClientResponse, of request: APIRequest, into reader: Reader
  ) async throws(CAdvisorError) -> Reader.Answer {
    var reader = reader
    var length = 0
    var share = ReplyBudget.Share(of: budget)
    do {
      for try await part in response.body {
        length += part.readableBytes
        guard length <= replyLimit else { throw NIOTooManyBytesError(maxBytes: replyLimit) }
        try reader.take(part)
        try share.hold(reader.held)
      }
      return try reader.finish(
        answeredAt: response.headers.first(name: "date").flatMap(HTTPDate.nanoseconds))
    } catch is NIOTooManyBytesError {
      throw error(.tooLarge, request, "more than \(replyLimit) bytes")
    } catch let excess as ReplyBudget.Excess {
      throw error(.tooLarge, request, excess.description)
    } catch let malformed as MalformedReply {
      throw error(.malformed, request, malformed.detail)
    } catch {
      throw failure(of: request, error, beforeTheHead: false)
    }
  }

  func error(_ kind: CAdvisorError.Kind, _ request: APIRequest, _ detail: String) -> CAdvisorError {
    CAdvisorError(
      kind: kind, endpoint: endpoint, request: request.description,
      detail: credentials?.hidden(in: detail) ?? detail)
  }

  /// TLS does not tell why a certificate is not trusted, so its dates are looked at.
  private func explained(_ error: CAdvisorError, _ address: String) async -> CAdvisorError {
    guard error.kind == .untrustedCertificate else { return error }
    let now = Date().timeIntervalSince1970
    guard let shown = await ShownCertificate.ask(endpoint, at: address, on: eventLoop),
      let reason = shown.reason(at: now)
    else { return error }
    return CAdvisorError(
      kind: .expiredCertificate, endpoint: endpoint, request: error.request, detail: reason)
  }

  private var eventLoop: any EventLoop {
    switch transport {
    case .client(let http): http.eventLoopGroup.any()
    case .route(let route): route.eventLoop
    }
  }

  /// Why there is no head of a reply, and at which address.
  private struct NoHead: Error {
    let cause: any Error
    let address: String
  }

  /// Tries the endpoint's addresses until somebody takes the connection.
  private func head(
    of request: APIRequest
  ) async throws(NoHead) -> HTTPClientResponse {
    switch transport {
    case .client(let http):
      return try await head(of: request, by: http, at: endpoint.host)
    case .route(let route):
      let ways: [EndpointRoute.Way]
      do {
        ways = try await route.ways()
      } catch {
        throw NoHead(cause: error, address: endpoint.host)
      }
      var refusal: NoHead?
      for way in ways {
        do throws(NoHead) {
          let response = try await head(of: request, by: way.http, at: way.address)
          route.prefer(way)
          return response
        } catch {
          guard TransportFailure(error.cause).isOfTheAddress, !Task.isCancelled else { throw error }
          refusal = refusal ?? error
        }
      }
      throw refusal
        ?? NoHead(
          cause: NameFailure(endpoint.host, .unknown("it has no address")), address: endpoint.host)
    }
  }

  /// Asks again where a pooled connection turned out to be dying: the pool hands those out and does
  /// not retry. Every request here only reads, so asking again is harmless.
  private func head(
    of request: APIRequest, by http: HTTPClient, at address: String
  ) async throws(NoHead) -> HTTPClientResponse {
    let prepared = prepare(request)
    let patience = request.patience.map { TimeAmount($0) } ?? Self.backstop
    var left = Self.pooledConnections
    while true {
      do {
        try Task.checkCancellation()
        return try await http.execute(prepared, timeout: patience)
      } catch {
        guard TransportFailure(error).kind == .cutShort, !Task.isCancelled, left > 0 else {
          throw NoHead(cause: error, address: address)
        }
        left -= 1
      }
    }
  }

  private func prepare(_ request: APIRequest) -> HTTPClientRequest {
    var prepared = HTTPClientRequest(url: endpoint.requestURL + request.path)
    prepared.method = request.method
    prepared.headers.add(name: "accept", value: request.accept)
    prepared.headers.add(name: "user-agent", value: "evenkeel")
    // A socket has no name of its own, and Go's servers want one all the same.
    if endpoint.url.hasPrefix("unix:") { prepared.headers.add(name: "host", value: "localhost") }
    if request.closesConnection { prepared.headers.add(name: "connection", value: "close") }
    if let body = request.body {
      prepared.headers.add(name: "content-type", value: "application/json")
      prepared.body = .bytes(ByteBuffer(string: body))
    }
    switch credentials {
    case .basic(let username, let password)?:
      prepared.setBasicAuth(username: username, password: password.text)
    case .bearer(let token)?:
      prepared.headers.add(name: "authorization", value: "Bearer \(token.text)")
    case nil: break
    }
    return prepared
  }

  private func failure(
    of request: APIRequest, _ error: any Error, beforeTheHead: Bool
  ) -> CAdvisorError {
    guard !Task.isCancelled else { return self.error(.cancelled, request, "") }
    let failure = TransportFailure(error)
    guard !beforeTheHead || failure.kind != .cutShort else {
      return self.error(.unreachable, request, "\(failure.detail) without an answer")
    }
    return self.error(failure.kind, request, failure.detail)
  }

  private func refusal(
    _ response: HTTPClientResponse, of request: APIRequest
  ) async -> CAdvisorError {
    let words = await beginning(of: response.body)
    guard !Task.isCancelled else { return error(.cancelled, request, "") }
    let status = Int(response.status.code)
    switch status {
    case 300..<400:
      let target = response.headers.first(name: "location") ?? "nowhere"
      return error(.redirect, request, "status \(status) to \(Excerpt.of(target))")
    case 401:
      return error(.unauthorized, request, "status \(status): \(words)")
    case 403:
      return error(.forbidden, request, "status \(status): \(words)")
    default:
      return error(.status(status), request, words)
    }
  }

  /// The status has been told already, so a body that fails to come is no failure of its own.
  private func beginning(of body: HTTPClientResponse.Body) async -> String {
    var read = ByteBuffer()
    do {
      for try await part in body {
        read.writeImmutableBuffer(part)
        if read.readableBytes > Self.errorBodyLimit { break }
      }
    } catch {}
    return Excerpt.of(read)
  }
}
