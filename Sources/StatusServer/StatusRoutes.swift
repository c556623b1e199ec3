internal import AsyncAlgorithms
internal import Balancing
internal import EvenkeelDaemon
internal import FoundationEssentials
internal import Hummingbird
internal import NIOCore

/// What is served, and to whom. All of it is read-only.
struct StatusRoutes: Sendable {
  /// The most that follow the ticks at once.
  static let mostFollowers = 16
  /// A sign of life for who follows; a proxy in between closes what is silent for long.
  static let keepAlive = Duration.seconds(15)

  let board: StatusBoard

  var responder: RouterResponder<BasicRequestContext> {
    // A HEAD is answered as the GET would be, body aside.
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.addMiddleware {
      SafeHeaders()
      HostCheck(board: board)
      MethodCheck()
    }
    router.get(StatusPath.health.route) { _, _ in
      plain(board.loopIsOk, "ok", orElse: "the loop does not go on")
    }
    router.get(StatusPath.readiness.route) { _, _ in
      plain(board.isReady, "ready", orElse: "the first look at the fleet is not complete")
    }
    router.get(StatusPath.page.route) { _, _ in page() }
    let guarded = router.group().add(middleware: TokenCheck(board: board))
    guarded.get(StatusPath.status.route) { _, _ in try json(board.report) }
    guarded.get(StatusPath.history.route) { request, _ in
      let backend = request.uri.queryParameters["backend"].map { BackendName(String($0)) }
      return try json(
        board.history(of: backend, servers: request.uri.queryParameters["servers"] != "none"))
    }
    guarded.get(StatusPath.explanation.route) { request, _ in
      guard let backend = request.uri.queryParameters["backend"],
        let server = request.uri.queryParameters["server"]
      else { throw HTTPError(.badRequest, message: "ask with ?backend=NAME&server=NAME") }
      let explanation = board.explanation(
        of: ServerName(String(server)), in: BackendName(String(backend)))
      guard let explanation else {
        throw HTTPError(.notFound, message: "there is no such server in such a backend")
      }
      return try json(explanation)
    }
    guarded.get(StatusPath.peer.route) { _, _ in try json(board.peerReport) }
    guarded.get(StatusPath.events.route) { request, _ in try events(request) }
    guarded.get(StatusPath.metrics.route) { _, _ in
      text(board.metrics, type: "text/plain; version=0.0.4; charset=utf-8")
    }
    return router.buildResponder()
  }

  private func plain(_ isWell: Bool, _ text: String, orElse problem: String) -> Response {
    self.text(
      (isWell ? text : problem) + "\n", type: "text/plain; charset=utf-8",
      status: isWell ? .ok : .serviceUnavailable)
  }

  private func text(
    _ text: String, type: String, status: HTTPResponse.Status = .ok
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  /// Keys sorted, so that two answers can be compared.
  private func json(_ value: some Encodable) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return Response(
      status: .ok, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
  }

  /// The page may run its own script, and load nothing but what this daemon serves.
  private func page() -> Response {
    // Always as long: a HEAD tells the length of another page than the GET after it.
    let nonce = String(
      (0..<24).compactMap { _ in "0123456789abcdefghijklmnopqrstuvwxyz".randomElement() })
    var response = text(StatusPage.html(nonce: nonce), type: "text/html; charset=utf-8")
    response.headers[.contentSecurityPolicy] =
      "default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; "
      + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
      + "frame-ancestors 'none'"
    return response
  }

  /// Server-sent events: one after each tick.
  ///
  /// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
  private func events(_ request: Request) throws -> Response {
    guard board.followers < Self.mostFollowers else {
      throw HTTPError(.serviceUnavailable, message: "\(Self.mostFollowers) follow already")
    }
    let lines = follow(board.ticks)
    var headers: HTTPFields = [.contentType: "text/event-stream"]
    // nginx would keep back what fills no page of its own.
    if let buffering = HTTPFields.Element.Name("X-Accel-Buffering") { headers[buffering] = "no" }
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        // Who goes gives the place to another at once, not with the next tick.
        try await request.body.consumeWithCancellationOnInboundClose { _ in
          try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
          for await line in lines {
            try await writer.write(ByteBuffer(string: line))
          }
        }
        try await writer.finish(nil)
      })
  }

  private func follow(_ ticks: AsyncStream<Int>) -> some AsyncSequence<String, Never> & Sendable {
    merge(
      ticks.map { "event: tick\ndata: {\"tick\":\($0)}\n\n" },
      AsyncTimerSequence(interval: Self.keepAlive, clock: .continuous).map { _ in ":\n\n" })
  }
}

/// What every answer says: it is of this moment, and of this kind.
private struct SafeHeaders: RouterMiddleware {
  typealias Context = BasicRequestContext

  @concurrent func handle(
    _ request: Request, context: BasicRequestContext,
    next: @concurrent (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      response = try await next(request, context)
    } catch let error as HTTPError {
      response = try refusal(error, of: request, context)
    } catch let error as any HTTPResponseError {
      response = try error.response(from: request, context: context)
    }
    // A refusal has a body, which a HEAD's must not have.
    if request.method == .head { response = response.createHeadResponse() }
    response.headers[.cacheControl] = "no-store"
    response.headers[.xContentTypeOptions] = "nosniff"
    return response
  }

  /// A sentence, for programs that read the API as JSON.
  private func refusal(
    _ error: HTTPError, of request: Request, _ context: BasicRequestContext
  ) throws -> Response {
    var error = error
    error.body = error.body ?? "there is nothing here: see / and /api/v1/status"
    if request.uri.path.hasPrefix("/api/") {
      return try error.response(from: request, context: context)
    }
    let text = ByteBuffer(string: "\(error.body ?? "")\n")
    var headers = error.headers
    headers[.contentType] = "text/plain; charset=utf-8"
    return Response(status: error.status, headers: headers, body: ResponseBody(byteBuffer: text))
  }
}

/// Lets only those pass that know the token.
private struct TokenCheck: RouterMiddleware {
  typealias Context = BasicRequestContext

  let board: StatusBoard

  @concurrent func handle(
    _ request: Request, context: BasicRequestContext,
    next: @concurrent (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    guard let token = board.token else { return try await next(request, context) }
    let scheme = "bearer "
    let given = request.headers[.authorization] ?? ""
    guard given.lowercased().hasPrefix(scheme), token.matches(given.dropFirst(scheme.utf8.count))
    else {
      throw HTTPError(
        .unauthorized, headers: [.wwwAuthenticate: "Bearer"],
        message: "a token is wanted: Authorization: Bearer …")
    }
    return try await next(request, context)
  }
}
