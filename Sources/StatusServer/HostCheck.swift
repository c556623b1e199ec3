internal import EvenkeelDaemon
internal import Glibc
internal import Hummingbird
internal import NIOCore

/// Answers only who asks for this machine: a page of somebody else's, whose name leads to this
/// address for the while, would read all that is shown through its visitor's browser.
///
/// Such a page is known by its name, which the browser sends. An address is nobody's to point
/// elsewhere; who sends none at all is no browser.
struct HostCheck: RouterMiddleware {
  typealias Context = BasicRequestContext

  let board: StatusBoard
  /// This machine's own name.
  private let machine = Self.nameOfMachine()

  init(board: StatusBoard) { self.board = board }

  @concurrent func handle(
    _ request: Request, context: BasicRequestContext,
    next: @concurrent (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    guard let authority = request.head.authority, !authority.isEmpty, !isOpen(request.uri.path),
      let configuration = board.configuration, case .tcp(let listen, _) = configuration.address,
      !isOurs(authority, known: configuration.hosts + [listen, machine])
    else { return try await next(request, context) }
    throw HTTPError(
      .misdirectedRequest,
      message: "evenkeel was asked for as \(QuotedHost(authority)), which is no name that it "
        + "knows: ask by an address, or add the name to `status.hosts` in its configuration")
  }

  /// What tells nothing but that the daemon lives: a check that sends a name of its own must not
  /// take it for dead.
  private func isOpen(_ path: String) -> Bool {
    switch StatusPath(path) {
    case .health, .readiness: true
    default: false
    }
  }

  private func isOurs(_ authority: String, known: [String]) -> Bool {
    let host = Self.host(of: authority)
    return host == "localhost" || host.hasSuffix(".localhost")
      || (try? SocketAddress(ipAddress: host, port: 0)) != nil
      || known.contains { Self.host(of: $0) == host }
  }

  /// Without port, brackets and a dot at the end, in small letters.
  private static func host(of authority: String) -> String {
    var host = Substring(authority.lowercased())
    if host.hasPrefix("[") {
      host = host.dropFirst().prefix { $0 != "]" }
    } else if host.count(where: { $0 == ":" }) == 1 {
      host = host.prefix { $0 != ":" }
    }
    return String(host.hasSuffix(".") ? host.dropLast() : host)
  }

  private static func nameOfMachine() -> String {
    // HOST_NAME_MAX is 64.
    var name = [CChar](repeating: 0, count: 256)
    let failed = unsafe name.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return CInt(-1) }
      return unsafe gethostname(start, buffer.count - 1)
    }
    return failed == 0
      ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      : "localhost"
  }
}

/// A host's name that somebody sent, fit to be shown.
private struct QuotedHost: CustomStringConvertible {
  let description: String

  init(_ text: String) {
    let shown = text.unicodeScalars.prefix(100).map { scalar in
      scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7f && scalar != "\""
        ? Character(scalar) : "?"
    }
    description = "\"\(String(shown))\""
  }
}
