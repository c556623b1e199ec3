internal import Hummingbird

/// Answers what no route has: OPTIONS, as monitors and HAProxy's own checks ask, and methods that
/// there are nowhere here.
struct MethodCheck: RouterMiddleware {
  typealias Context = BasicRequestContext

  private static let allowed = "GET, HEAD, OPTIONS"

  @concurrent func handle(
    _ request: Request, context: BasicRequestContext,
    next: @concurrent (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    // A path that is not there is that, whatever the method.
    let isHere = request.uri.string == "*" || StatusPath(request.uri.path) != nil
    switch request.method {
    case .get, .head: return try await next(request, context)
    case _ where !isHere: return try await next(request, context)
    case .options: return Response(status: .noContent, headers: [.allow: Self.allowed])
    default:
      throw HTTPError(
        .methodNotAllowed, headers: [.allow: Self.allowed],
        message: "this is read-only: \(Self.allowed)")
    }
  }
}
