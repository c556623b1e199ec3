import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A real HTTP/1 server on a port of its own that answers as its script says, however badly.
final class ScriptedServer: Sendable {
  typealias Script = @Sendable (ReceivedRequest) -> Behaviour

  /// All that has happened so far.
  struct Log: Sendable {
    var requests: [ReceivedRequest] = []
    var connections = 0
    var openConnections = 0
    /// Bytes of bodies that were dripped.
    var dripped = 0
  }

  private struct Waiter {
    var isDone: @Sendable (Log) -> Bool
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var log = Log()
    var waiters: [Waiter] = []
  }

  private let state = Mutex(State())
  private let listener: Mutex<(any Channel)?> = Mutex(nil)
  private let script: Script

  private init(script: @escaping Script) { self.script = script }

  /// Listens on a free port of 127.0.0.1.
  static func start(
    tls: NIOSSLContext? = nil, script: @escaping Script
  ) async throws -> ScriptedServer {
    let server = ScriptedServer(script: script)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          try channel.pipeline.syncOperations.addHandlers([
            ByteToMessageHandler(HTTPRequestDecoder()), ScriptHandler(server: server),
          ])
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    server.listener.withLock { $0 = channel }
    return server
  }

  var port: Int { listener.withLock { $0?.localAddress?.port } ?? 0 }
  var log: Log { state.withLock { $0.log } }

  func stop() async throws {
    try await listener.withLock { $0 }?.close()
  }

  func behaviour(for request: ReceivedRequest) -> Behaviour {
    note { $0.requests.append(request) }
    return script(request)
  }

  /// Changes the log, and wakes whoever waited for that.
  func note(_ change: (inout Log) -> Void) {
    let woken = state.withLock { state in
      change(&state.log)
      let log = state.log
      let woken = state.waiters.filter { $0.isDone(log) }
      state.waiters.removeAll { $0.isDone(log) }
      return woken
    }
    for waiter in woken { waiter.continuation.resume() }
  }

  /// Returns as soon as the log is as wanted.
  func wait(until isDone: @escaping @Sendable (Log) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isDoneAlready = state.withLock { state in
        guard !isDone(state.log) else { return true }
        state.waiters.append(Waiter(isDone: isDone, continuation: continuation))
        return false
      }
      if isDoneAlready { continuation.resume() }
    }
  }
}
