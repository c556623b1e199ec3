import FoundationEssentials
import Glibc
package import HAProxy
import NIOPosix
import Subprocess

/// A HAProxy of the test's own, in a folder of its own, that ends with the test.
///
/// Its configuration begins with `preamble`. Paths in it are relative to the folder.
package struct RealHAProxy: Sendable {
  package enum Style: Sendable {
    /// One process.
    case single
    /// A master with its socket `master.sock`, and a worker that `reload()` replaces.
    case masterWorker
  }

  private static let preamble = """
    global
      node lab
      stats socket unix@admin.sock level admin
      stats socket unix@operator.sock level operator
      stats socket unix@user.sock level user
      stats socket unix@number.sock level admin severity-output number
      stats socket unix@string.sock level operator severity-output string
    defaults
      mode http
      timeout connect 1s
      timeout client 5s
      timeout server 5s

    """

  package let folder: String
  /// Leads a process group that all of this HAProxy's processes belong to.
  private let leader: pid_t

  package var client: RuntimeClient { client("admin.sock") }

  package func client(_ socket: String) -> RuntimeClient {
    RuntimeClient(address: address(socket), group: MultiThreadedEventLoopGroup.singleton)
  }

  package func address(_ socket: String) -> RuntimeAddress { .unix(path: path(socket)) }

  package func path(_ file: String) -> String { "\(folder)/\(file)" }

  /// Starts it, waits until it answers, runs `body` and ends it, whatever `body` does.
  package static func run<Value: Sendable>(
    _ sections: String, style: Style = .single,
    _ body: (RealHAProxy) async throws -> Value
  ) async throws -> Value {
    try await withTemporaryFolder { folder in
      try await run(sections, style: style, in: folder, body)
    }
  }

  /// The same in a folder that outlives it, for one that starts again in its place.
  package static func run<Value: Sendable>(
    _ sections: String, style: Style = .single, in folder: String,
    _ body: (RealHAProxy) async throws -> Value
  ) async throws -> Value {
    try write(sections, in: folder)
    var platform = PlatformOptions()
    platform.processGroupID = 0
    platform.teardownSequence = [
      .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)
    ]
    let outcome = try await Subprocess.run(
      .name("sh"), arguments: Arguments(["-c", script, "haproxy"] + style.arguments(in: folder)),
      platformOptions: platform, input: .inputWriter, output: .discarded,
      error: .string(limit: 1 << 16)
    ) { execution in
      let haproxy = RealHAProxy(folder: folder, leader: execution.processIdentifier.value)
      defer { haproxy.kill() }
      do {
        try await haproxy.waitUntilItAnswers(style)
      } catch {
        return Result<Value, any Error>.failure(error)
      }
      return .success(try await body(haproxy))
    }
    switch outcome.closureResult {
    case .success(let value): return value
    case .failure(let error):
      throw DidNotStart(
        messages: outcome.standardError, reason: "\(error)",
        ended: "\(outcome.terminationStatus)")
    }
  }

  /// The guard in the background kills the whole group when the test's process ends before its
  /// time and its end of the pipe closes.
  private static let script = """
    exec 3<&0 </dev/null
    { read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
    PATH="$PATH:/usr/sbin:/usr/local/sbin"
    exec haproxy "$@" 3<&-
    """

  private static func write(_ sections: String, in folder: String) throws {
    try Data((preamble + sections + "\n").utf8)
      .write(to: URL(filePath: "\(folder)/haproxy.cfg"))
  }

  private func waitUntilItAnswers(_ style: Style) async throws {
    _ = try await eventually("HAProxy answers") { try await client.accessLevel() }
    if style == .masterWorker {
      try await eventually("the master answers") { try await !masterSays("show proc").isEmpty }
    }
  }

  /// What the master answers; its socket ends a conversation only when asked to.
  package func masterSays(_ line: String) async throws -> String {
    try await OneExchange.say("\(line);quit\n", to: path("master.sock"))
  }
}

extension RealHAProxy.Style {
  fileprivate func arguments(in folder: String) -> [String] {
    switch self {
    case .single: ["-C", folder, "-f", "haproxy.cfg", "-db"]
    case .masterWorker: ["-C", folder, "-f", "haproxy.cfg", "-W", "-S", "unix@master.sock"]
    }
  }
}

/// HAProxy was not there or did not come up, and what it said.
package struct DidNotStart: Error, CustomStringConvertible {
  let messages: String
  let reason: String
  let ended: String

  package var description: String {
    "HAProxy did not start (on Debian: apt-get install haproxy): \(messages); \(reason); \(ended)"
  }
}

extension RealHAProxy {
  /// Stops its processor time; sockets go on taking connections.
  package func freeze() { signal(SIGSTOP) }

  package func thaw() { signal(SIGCONT) }

  /// Ends all of its processes at once and leaves the sockets' files behind.
  package func kill() { _ = Glibc.kill(-leader, SIGKILL) }

  /// Changes the configuration, has the master start a new worker, and waits until it answers.
  package func reload(_ sections: String) async throws {
    let old = try await client.read(backends: []).process.identity
    try Self.write(sections, in: folder)
    signal(SIGUSR2)
    try await eventually("the new worker answers") {
      let process = try await client.read(backends: []).process
      return process.identity != old && !process.isStopping
    }
  }

  /// Has the master try a configuration that it cannot use.
  package func failToReload() throws {
    try Data("nonsense\n".utf8).write(to: URL(filePath: path("haproxy.cfg")))
    signal(SIGUSR2)
  }

  private func signal(_ number: CInt) { _ = Glibc.kill(leader, number) }
}
