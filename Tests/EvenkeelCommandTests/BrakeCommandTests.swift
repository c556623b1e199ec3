import FoundationEssentials
import HAProxyTestSupport
import Subprocess
import Testing

/// The brake as an operator has it: a daemon's own process, its socket, and the commands.
@Suite(.timeLimit(.minutes(2))) struct BrakeCommandTests {
  /// A daemon's folder, with a configuration of which nothing can be reached: to be paused it needs
  /// no HAProxy.
  private final class Place: Sendable {
    let folder: String
    var runtime: String { "\(folder)/run" }
    var socket: String { "\(runtime)/control.sock" }
    var configuration: String { "\(folder)/config.json" }

    init() throws {
      // A socket's path must be short.
      folder = "/tmp/ek-\(UInt32.random(in: 0...UInt32.max))"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let text = """
        {"interval": "1s", "cadvisors": ["http://127.0.0.1:1"],
         "balancers": [{"name": "lb1", "address": "unix:\(folder)/none.sock"}],
         "backends": [{"name": "shop"}, {"name": "api"}],
         "status": {"listen": "unix:\(folder)/status.sock"}}
        """
      try text.write(to: URL(filePath: configuration), atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs a daemon until the body has seen enough, and ends it as systemd would.
    func withDaemon(_ body: @Sendable @escaping () async throws -> Void) async throws {
      let daemon = [
        "run", "--config", configuration, "--state-dir", "\(folder)/state", "--runtime-dir",
        runtime,
      ]
      let outcome = try await Program.whileRunning(list: daemon) {
        try await eventually("it listens", within: Self.patience) {
          // Nothing is paused, or somebody paused it before; and there was a first look.
          let status = try await self.status()
          return status.contains("\"ready\" : true")
            && FileManager.default.fileExists(atPath: self.socket)
        }
        try await body()
      }
      #expect(outcome == 0)
    }

    func evenkeel(_ arguments: String...) async throws -> Program.Outcome {
      let isOrder = ["pause", "resume", "restore"].contains(arguments.first ?? "")
      return try await Program.run(
        list: arguments + (isOrder ? ["--runtime-dir", runtime] : []))
    }

    func status() async throws -> String {
      try await evenkeel("status", "--json", "--config", configuration).output
    }

    static let patience = Duration.seconds(20)
  }

  @Test func `a pause is told, shown, kept over a restart, and ended`() async throws {
    let place = try Place()
    try await place.withDaemon {
      let pause = try await place.evenkeel("pause", "shop", "--for", "30m")
      #expect(pause.exitCode == 0)
      #expect(pause.output.contains(#/shop: paused by .+ for 30 min; weights stay as they are/#))
      try await eventually("the status shows it", within: Place.patience) {
        try await place.status().contains("\"by\" : ")
      }
    }
    // Neither the socket nor a stranger is left of it.
    #expect(!FileManager.default.fileExists(atPath: place.socket))
    let gone = try await place.evenkeel("pause", "shop")
    #expect(gone.exitCode == 69 && gone.error.contains("is evenkeel running"))
    try await place.withDaemon {
      let status = try await place.status()
      #expect(status.contains("\"by\" : ") && status.contains("\"restored\" : false"))
      let mode =
        try FileManager.default.attributesOfItem(atPath: place.socket)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      let resume = try await place.evenkeel("resume", "shop")
      #expect(resume.exitCode == 0 && resume.output.contains("shop: the pause is over, ended by "))
      #expect(try await place.evenkeel("resume", "shop").exitCode == 1)
    }
  }

  @Test func `what cannot be meant is refused with what to say instead, and a usage error is 2`()
    async throws
  {
    let place = try Place()
    try await place.withDaemon {
      let typo = try await place.evenkeel("pause", "shopp")
      #expect(typo.exitCode == 1 && typo.error.contains("did you mean `shop`?"))
      #expect(try await place.evenkeel("pause", "--for", "soon").exitCode == 2)
      #expect(try await place.evenkeel("pause", "--for", "0s").exitCode == 2)
      #expect(try await place.evenkeel("pause", "--for", "2m").exitCode == 0)
      let alone = try await place.evenkeel("resume", "api")
      #expect(alone.exitCode == 1 && alone.error.contains("`evenkeel resume` without a name"))
      // No HAProxy: it says so, and the pause holds all the same.
      let restore = try await place.evenkeel("restore")
      #expect(restore.exitCode == 1 && restore.error.contains("lb1"))
      #expect(restore.error.contains("until `evenkeel resume`"))
      #expect(try await place.evenkeel("resume").exitCode == 0)
    }
  }

  @Test func `whoever says nothing, or nonsense, is cut off and keeps nobody from being heard`()
    async throws
  {
    let place = try Place()
    try await place.withDaemon {
      for nonsense in [
        "\n", "{}\n", String(repeating: "[", count: 5000) + "\n", "{\"version\":9}\n",
      ] {
        let answer = try await Program.say(nonsense, to: place.socket)
        #expect(!answer.contains("\"done\":true"))
      }
      #expect(try await place.evenkeel("pause", "shop").exitCode == 0)
    }
  }
}
