import FoundationEssentials
import HAProxyTestSupport
import NIOCore
import NIOHTTP1
import NIOPosix

/// A HAProxy and a cAdvisor whose every name and word would act on a terminal, were it printed.
struct HostileParts: Sendable {
  /// Sets the title, clears the screen, begins a line of its own, turns the reading direction, and is
  /// the same in the control characters that eight bits have.
  static let poison = "\u{1B}]0;PWNED\u{7}\u{1B}[2J\r\nFORGED/ROW\u{202E}\u{9B}31m"
  /// As much of it as fits into HAProxy's lines and columns.
  static let word = "\u{1B}[31mevil\u{9B}2J\u{202E}"

  let folder: String
  /// A configuration that names both, with a status of its own.
  let configuration: String
  let socket: String
  let url: String

  /// The servers of the backend `shop`: one with a good name, and one without.
  static let servers = ["s1", "s2\(word)"]

  static func run<Value: Sendable>(
    _ body: (HostileParts) async throws -> Value
  ) async throws -> Value {
    try await withTemporaryFolder { folder in
      let group = MultiThreadedEventLoopGroup.singleton
      let socket = "\(folder)/hostile.sock"
      let haproxy = try await ServerBootstrap(group: group)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(HAProxyHandler())
          }
        }
        .bind(unixDomainSocketPath: socket).get()
      let cadvisor = try await ServerBootstrap(group: group)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            try channel.pipeline.syncOperations.addHandler(CAdvisorHandler())
          }
        }
        .bind(host: "127.0.0.1", port: 0).get()
      let port = cadvisor.localAddress?.port ?? 0
      let status = try await FreePort.reserve()
      let configuration = "\(folder)/config.json"
      let text = """
        {"interval": "1s", "cadvisors": ["http://127.0.0.1:\(port)", {"url": "http://127.0.0.1:\(port)/failing", "host": "web2"}],
         "balancers": [{"name": "lb1", "address": "unix:\(socket)"}],
         "backends": [{"name": "shop", "label": "server"}, {"name": "absent"}],
         "status": {"listen": "\(status.host):\(status.port)"}}
        """
      try text.write(to: URL(filePath: configuration), atomically: true, encoding: .utf8)
      let parts = HostileParts(
        folder: folder, configuration: configuration, socket: socket,
        url: "http://127.0.0.1:\(port)")
      let outcome: Result<Value, any Error>
      do { outcome = .success(try await body(parts)) } catch { outcome = .failure(error) }
      try? await haproxy.close()
      try? await cadvisor.close()
      return try outcome.get()
    }
  }
}

/// Speaks the Runtime API as far as evenkeel asks, with requests that rise at each look.
private final class HAProxyHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let began = ContinuousClock.now
  private var pending = ""

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    pending += String(buffer: unwrapInboundIn(data))
    while let end = pending.firstIndex(of: "\n") {
      let line = String(pending[..<end])
      pending = String(pending[pending.index(after: end)...])
      let reply = line == "prompt" ? "\n> " : "\(Self.answer(line))\n> "
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: reply)), promise: nil)
    }
  }

  private static func answer(_ line: String) -> String {
    let words = line.split(separator: " ")
    let served = Int((ContinuousClock.now - began) / .milliseconds(20))
    switch words.prefix(2).joined(separator: " ") {
    case "show info":
      return """
        Name: HAProxy
        Version: 2.8.5\(HostileParts.word)
        Pid: 7
        Uptime_sec: 100
        Start_time_sec: 1700000000
        Stopping: 0
        node: \(HostileParts.word)

        """
    case "show cli": return "admin\n"
    case "show backend": return "# name\nshop\n\(HostileParts.word)\n"
    case "show stat":
      guard words.dropFirst(2).first == "shop" else { return "No such proxy.\n" }
      let rows = HostileParts.servers.enumerated().map { index, name in
        "shop,\(name),0,0,\(served),0,0,0,0,0,UP,100,1,0,2,\(served),0,\(name),http,100,,"
      }
      return """
        # pxname,svname,qcur,scur,stot,econ,eresp,wretr,wredis,hrsp_5xx,status,weight,act,bck,type,\
        hrsp_2xx,hrsp_other,check_desc,mode,uweight,algo,
        shop,BACKEND,0,0,\(2 * served),0,0,0,0,0,UP,200,2,0,1,\(2 * served),0,,http,200,\(HostileParts.word),
        \(rows.joined(separator: "\n"))

        """
    case "show servers":
      guard words.last == "shop" else { return "Can't find backend.\n" }
      let rows = HostileParts.servers.enumerated().map { index, name in
        "3 shop \(index + 1) \(name) 127.0.0.1 2 0 100 100 3 15 3 4 6 0 0 0 - \(7001 + index) - 0 0 - - 0"
      }
      return """
        1
        # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight \
        srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state \
        srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl \
        srv_check_port srv_check_addr srv_agent_addr srv_agent_port
        \(rows.joined(separator: "\n"))

        """
    case "set weight": return "refused: \(HostileParts.word)\n"
    default: return "\n"
    }
  }
}

/// Speaks cAdvisor's API for three containers; below `/failing` it fails with words of its own.
private final class CAdvisorHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private static let began = ContinuousClock.now
  private var path = ""

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): path = String(head.uri.prefix { $0 != "?" })
    case .body: break
    case .end:
      let reply = Self.reply(to: path)
      let text = reply ?? "\(HostileParts.poison) no such thing"
      let head = HTTPResponseHead(
        version: .http1_1, status: reply == nil ? .internalServerError : .ok,
        headers: ["Content-Length": "\(text.utf8.count)"])
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }

  private static func quoted(_ text: String) -> String {
    String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
  }

  private static func reply(to path: String) -> String? {
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let now = Date().timeIntervalSince1970
    let whole = Date(timeIntervalSince1970: now.rounded(.down)).formatted(.iso8601)
    let digits = String(Int(1_000_000 + (now - now.rounded(.down)) * 999_999)).dropFirst()
    let stamp = "\(whole.dropLast()).\(digits)Z"
    func sample(_ cores: Double) -> String {
      #"{"timestamp": "\#(stamp)", "cpu": {"usage": {"total": \#(Int(1e9 + seconds * cores * 1e9))}}}"#
    }
    // Two that are servers by their labels, and a neighbour whose limits are nonsense.
    let labels = HostileParts.servers + ["none\(HostileParts.poison)"]
    func keyed(_ body: (Int, String) -> String) -> String {
      let entries = labels.enumerated().map { index, label in
        "\(quoted("/docker/\(index)\(HostileParts.poison)")): \(body(index, label))"
      }
      return "{\(entries.joined(separator: ", "))}"
    }
    switch path {
    case "/api/v2.1/stats":
      return keyed { index, label in
        """
        {"spec": {"aliases": [\(quoted("c\(index)\(HostileParts.poison)"))], "namespace": "docker",
          "labels": {"server": \(quoted(label))}}, "stats": [\(sample(0.1 * Double(index + 1)))]}
        """
      }
    case "/api/v2.1/machinestats": return "[\(sample(0.6))]"
    case "/api/v1.3/docker", "/api/v1.3/docker/":
      return keyed { index, _ in
        let quota = index < 2 ? "50000" : quoted(HostileParts.poison)
        return #"{"spec": {"has_cpu": true, "cpu": {"quota": \#(quota), "period": 100000}}}"#
      }
    case "/api/v1.3/machine": return #"{"num_cores": 4, "boot_id": "one"}"#
    default: return nil
    }
  }
}
