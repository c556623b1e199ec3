import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Sends one request and brings the whole, bounded body of a good reply.
struct Exchange: Sendable {
  let endpoint: CAdvisorEndpoint
  let http: HTTPClient
  let credentials: CAdvisorCredentials?
  /// The largest body that is read, in bytes.
  let replyLimit: Int

  /// Ends a request whose caller sets no deadline; ends only the wait for the reply's head.
  private static let backstop: TimeAmount = .seconds(60)
  /// How much of an error's body is read on: enough that a usual one leaves the connection usable.
  private static let errorBodyLimit = 4096
  /// As many as a reader's questions leave behind; all die at once with a cAdvisor that is stopped.
  private static let pooledConnections = 4

  func send(_ request: APIRequest) async throws(CAdvisorError) -> Reply {
    let response: HTTPClientResponse
    do {
      response = try await head(of: request)
    } catch {
      throw await explained(failure(of: request, error, beforeTheHead: true), of: request)
    }
    guard (200..<300).contains(response.status.code) else {
      throw await refusal(response, of: request)
    }
    if let coding = response.headers["content-encoding"].first(where: { $0 != "identity" }) {
      let detail = Excerpt.of("Content-Encoding \(coding), which was not asked for")
      throw self.error(.malformed, request, detail)
    }
    do {
      return Reply(
        body: try await response.body.collect(upTo: replyLimit),
        answeredAtNanoseconds: response.headers.first(name: "date").flatMap(HTTPDate.nanoseconds))
    } catch is NIOTooManyBytesError {
      throw error(.tooLarge, request, "more than \(replyLimit) bytes")
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
  private func explained(
    _ error: CAdvisorError, of request: APIRequest
  ) async -> CAdvisorError {
    guard error.kind == .untrustedCertificate else { return error }
    let now = Date().timeIntervalSince1970
    guard let shown = await ShownCertificate.ask(endpoint, on: http.eventLoopGroup.any()),
      let reason = shown.reason(at: now)
    else { return error }
    return self.error(.expiredCertificate, request, reason)
  }

  /// Asks again where a pooled connection turned out to be dying: the pool hands those out and does
  /// not retry. Every request here only reads, so asking again is harmless.
  private func head(of request: APIRequest) async throws -> HTTPClientResponse {
    try Task.checkCancellation()
    let prepared = prepare(request)
    for _ in 0..<Self.pooledConnections {
      do {
        return try await http.execute(prepared, timeout: Self.backstop)
      } catch {
        guard TransportFailure(error).kind == .cutShort, !Task.isCancelled else { throw error }
      }
    }
    return try await http.execute(prepared, timeout: Self.backstop)
  }

  private func prepare(_ request: APIRequest) -> HTTPClientRequest {
    var prepared = HTTPClientRequest(url: endpoint.requestURL + request.path)
    prepared.method = request.method
    prepared.headers.add(name: "accept", value: "application/json")
    prepared.headers.add(name: "user-agent", value: "evenkeel")
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
    case 401, 403:
      return error(.unauthorized, request, "status \(status): \(words)")
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
