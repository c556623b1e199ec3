import AsyncHTTPClient
import FoundationEssentials
import Logging
import NIOPosix

/// The six servers, six like them that nobody steers, the endpoints and HAProxy, built up around an operation and taken down after
/// it, in reverse order.
struct Stage: Sendable {
  /// How long HAProxy may take to answer its first request.
  static let readinessLimit = Duration.seconds(5)
  /// How often a port is chosen for HAProxy that turns out to be taken.
  private static let portAttempts = 3

  let cluster: VirtualCluster
  /// What is like it, behind `leastconn`.
  let peer: VirtualCluster
  let haproxyProgram: String
  /// Where the temporary folder is made.
  let parentFolder: String
  /// What the guardian writes to standard error when all is over.
  let farewell: String

  /// What stands while the operation runs.
  struct Running: Sendable {
    let client: HTTPClient
    /// The temporary folder.
    let folder: String
    let haproxyPort: Int
    let peerPort: Int
    let endpoints: [(host: Cluster.Host, port: Int)]
    /// Where the daemon shows its status.
    let statusPort: Int

    var url: String { "http://127.0.0.1:\(haproxyPort)/" }
    var peerURL: String { "http://127.0.0.1:\(peerPort)/" }
    var socketPath: String { "\(folder)/\(HAProxyConfiguration.socketName)" }
  }

  /// - Throws: what the operation throws, and `DemoError`.
  func run<Value: Sendable>(
    _ operation: @escaping @Sendable (Running) async throws -> Value
  ) async throws -> Value {
    let silent = Logger(label: "evenkeel.demo.servers") { _ in SwiftLogNoOpLogHandler() }
    let hosts = cluster.description.hosts
    let responders =
      (cluster.servers + peer.servers).map { routes(of: $0) }
      + hosts.map { host in
        routes(
          of: CAdvisorReplies(
            host: host, servers: cluster.servers(on: host), clock: cluster.clock))
      }
    return try await withHTTPServers(responders, logger: silent) { ports in
      let names = cluster.servers.map(\.description.name)
      return try await withHAProxy(
        inFrontOf: Array(zip(names, ports)),
        beside: Array(zip(names, ports.dropFirst(names.count))),
        endpoints: Array(zip(hosts, ports.dropFirst(2 * names.count))),
        operation)
    }
  }

  private func withHAProxy<Value: Sendable>(
    inFrontOf servers: [(name: String, port: Int)],
    beside peers: [(name: String, port: Int)],
    endpoints: [(host: Cluster.Host, port: Int)],
    _ operation: @escaping @Sendable (Running) async throws -> Value
  ) async throws -> Value {
    var attempt = 1
    while true {
      let port = try await freePort(group: MultiThreadedEventLoopGroup.singleton)
      let peerPort = try await freePort(group: MultiThreadedEventLoopGroup.singleton)
      let haproxy = GuardedHAProxy(
        parentFolder: parentFolder,
        program: haproxyProgram,
        configuration: HAProxyConfiguration(services: [
          .init(name: Cluster.backend, balance: "random(4)", port: port, servers: servers),
          .init(name: Cluster.peer, balance: "leastconn", port: peerPort, servers: peers),
        ]),
        farewell: farewell)
      do {
        return try await haproxy.run { folder in
          try await withLoadClient { client in
            let running = Running(
              client: client, folder: folder, haproxyPort: port, peerPort: peerPort,
              endpoints: endpoints,
              statusPort: try await freePort(group: MultiThreadedEventLoopGroup.singleton))
            try checkLength(of: running.socketPath)
            try await waitUntilReady(running)
            return try await operation(running)
          }
        }
      } catch let error as DemoError where error.isPortTaken && attempt < Self.portAttempts {
        attempt += 1
      }
    }
  }

  private func checkLength(of socketPath: String) throws {
    // The kernel's limit for the path of a Unix socket, less its end, and less the suffix that
    // HAProxy binds it under at first.
    guard socketPath.utf8.count <= 107 - ".65535.tmp".count else {
      throw DemoError(.socketPathTooLong(path: socketPath))
    }
  }

  /// Asks HAProxy for a page until it serves one.
  private func waitUntilReady(_ running: Running) async throws {
    let deadline = cluster.clock.now + Self.readinessLimit
    while cluster.clock.now < deadline {
      if (try? await request(running.url, with: running.client, within: .seconds(1))) == 200 {
        return
      }
      try await cluster.clock.sleep(until: cluster.clock.now + .milliseconds(20))
    }
    throw DemoError(.noReply)
  }
}
