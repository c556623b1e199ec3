import AsyncHTTPClient
import Balancing
import Control
import EvenkeelDaemon
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import StatusServer
import Synchronization
import TestSupport

/// A status that is served on a real socket, and a client for it.
struct ServedStatus: Sendable {
  let board: StatusBoard
  let progress: LoopProgress
  let cluster: FakeCluster
  let log: KeptLog
  /// Every address that was bound, in order.
  let addresses: AsyncStream<String>

  /// Serves at an address while the body runs, and ends it as SIGTERM would.
  ///
  /// - Parameter more: further members of the configuration's `status`.
  static func run(
    at address: String = "127.0.0.1:0", more: String = "", token: String? = nil,
    clock: any Clock<Duration> = ContinuousClock(),
    _ body: @escaping @Sendable (ServedStatus) async throws -> Void
  ) async throws {
    let progress = LoopProgress()
    progress.promise(within: .seconds(600))
    let steadyClock = SteadyClock()
    let board = StatusBoard(
      configFile: "/etc/evenkeel.json", progress: progress, now: { steadyClock.now })
    try board.take(Self.configuration(at: address, more: more), token: token.map(StatusToken.init))
    let log = KeptLog()
    let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
    let server = StatusServer(
      board: board, logger: log.logger, clock: clock, onServing: { continuation.yield($0) })
    let status = ServedStatus(
      board: board, progress: progress,
      cluster: FakeCluster(servers: [.init("a", quotaCores: 1), .init("b", quotaCores: 1)]),
      log: log, addresses: addresses)
    let group = ServiceGroup(
      configuration: .init(
        services: [server], logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      try await body(status)
      await group.triggerGracefulShutdown()
      try await tasks.next()
    }
  }

  static func configuration(at address: String, more: String = "") throws -> Configuration {
    let text = """
      {"cadvisors": ["http://web1:8080"], "balancers": [{"name": "lb1", "address": "unix:/a"}],
       "backends": [{"name": "shop"}], "status": {"listen": "\(address)"\(more)}}
      """
    let file = FileManager.default.temporaryDirectory.path + "evenkeel-\(UUID().uuidString).json"
    try text.write(to: URL(filePath: file), atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    return try Configuration.load(from: file, environment: [:])
  }

  /// Runs one tick of the real loop over the cluster.
  func tick() async {
    cluster.advance(by: 10)
    var controller = cluster.controller()
    board.take(await controller.tick(), took: .milliseconds(5))
  }

  /// The next address that is bound.
  func address() async -> String {
    for await address in addresses { return address }
    return ""
  }
}

/// What a server answered.
struct Answer: Sendable {
  var status: Int
  var headers: HTTPHeaders
  var body: String
}

func get(
  _ url: String, method: HTTPMethod = .GET, headers: [(String, String)] = []
) async throws -> Answer {
  var request = HTTPClientRequest(url: url)
  request.method = method
  request.headers.add(contentsOf: headers)
  let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
  let body = try await response.body.collect(upTo: 1 << 24)
  return Answer(
    status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
}

/// Keeps the texts that are logged.
final class KeptLog: Sendable {
  private let lines = Mutex<[String]>([])
  private let stream: AsyncStream<String>
  private let continuation: AsyncStream<String>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(of: String.self) }

  var all: [String] { lines.withLock { $0 } }

  /// Waits for a line that has a text in it.
  func wait(for text: String) async {
    for await line in stream where line.contains(text) { return }
  }

  var logger: Logger {
    Logger(label: "test") { _ in Handler(log: self) }
  }

  private struct Handler: LogHandler {
    let log: KeptLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let line = (event.metadata?["text"]).map { "\($0)" } ?? "\(event.message)"
      log.lines.withLock { $0.append(line) }
      log.continuation.yield(line)
    }
  }
}
