import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers as Docker's Engine API does.
struct ScriptedEngine: Sendable {
  enum Flaw { case hangs, fails, babbles, closes, refuses, ended }

  /// Called `api-1`, `api-2`, … .
  var containers: Int
  /// By number.
  var flaws: [Int: Flaw] = [:]
  /// What it takes for the machine's cores, by number where it is not two.
  var cores: [Int: Int] = [:]
  /// Their own, by number.
  var addresses: [Int: String] = [:]

  func listen(at socket: String) async throws -> any Channel {
    try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(engine: self))
        }
      }
      .bind(unixDomainSocketPath: socket).get()
  }

  /// What its containers' ids begin with: 61 digits.
  var stem = String(repeating: "0", count: 61)

  private func network(of number: Int) -> String {
    addresses[number].map {
      #","NetworkSettings":{"Networks":{"bridge":{"IPAddress":"\#($0)"}}}"#
    } ?? ""
  }

  fileprivate enum Answer {
    case says(HTTPResponseStatus, String)
    case silence
    /// The connection ends without a word.
    case end
  }

  fileprivate func answer(to uri: String) -> Answer {
    let path = uri.prefix { $0 != "?" }.split(separator: "/")
    if path == ["containers", "json"] {
      let list = (1...containers).map {
        #"{"Id":"\#(stem)\#(100 + $0)","Names":["/api-\#($0)"],"Labels":{}\#(network(of: $0))}"#
      }
      return .says(.ok, "[\(list.joined(separator: ","))]")
    }
    guard path.count == 3, let number = Int(path[1].suffix(3)) else {
      return .says(.notFound, "{}")
    }
    switch flaws[number - 100] {
    case .hangs: return .silence
    case .closes: return .end
    case .fails: return .says(.internalServerError, #"{"message":"cannot read cgroup"}"#)
    case .refuses: return .says(.forbidden, #"{"message":"not allowed"}"#)
    case .babbles: return .says(.ok, "<html>")
    case .ended: return .says(.notFound, #"{"message":"no such container"}"#)
    case nil: break
    }
    if path[2] == "json" { return .says(.ok, #"{"HostConfig":{"NanoCpus":500000000}}"#) }
    return .says(
      .ok,
      #"{"read":"2026-01-01T00:00:00.5Z","cpu_stats":{"cpu_usage":{"total_usage":7000000},"#
        + #""online_cpus":\#(cores[number - 100] ?? 2)}}"#)
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let engine: ScriptedEngine
    private var uri = ""

    init(engine: ScriptedEngine) { self.engine = engine }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): uri = head.uri
      case .body: break
      case .end:
        let (status, text): (HTTPResponseStatus, String)
        switch engine.answer(to: uri) {
        case .says(let code, let words): (status, text) = (code, words)
        case .silence: return
        case .end: return context.close(promise: nil)
        }
        let headers: HTTPHeaders = [
          "Content-Type": "application/json", "Content-Length": "\(text.utf8.count)",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(.init(string: text)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      }
    }
  }
}
