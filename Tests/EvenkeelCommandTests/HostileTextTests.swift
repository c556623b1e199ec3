import FoundationEssentials
import HAProxyTestSupport
import Testing

/// Names, paths and replies come from others: nothing of them may act on a terminal.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostileTextTests {
  /// - Returns: what a terminal would obey, or take for the end of a line or the way of reading.
  private static func acting(in text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { scalar in
      guard scalar != "\n" else { return false }
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: return true
      default: return scalar.properties.isBidiControl
      }
    }
  }

  private static func expectHarmless(
    _ outcome: Program.Outcome, _ command: String, shows word: String? = "evil",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for text in [outcome.output, outcome.error] {
      #expect(
        acting(in: text).isEmpty, "\(command): \(text.debugDescription)",
        sourceLocation: sourceLocation)
      // A row that is not ours.
      #expect(
        !text.split(separator: "\n").contains { $0.hasPrefix("FORGED") }, "\(command)",
        sourceLocation: sourceLocation)
    }
    // What is escaped is shown all the same.
    if let word {
      #expect(
        (outcome.output + outcome.error).contains(word), "\(command): \(outcome)",
        sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [
    ["check"], ["check", "--json"], ["check", "--strict"], ["plan", "--window", "3s"],
    ["plan", "--window", "3s", "--json"], ["once"],
  ])
  func `no command that looks by itself prints what acts on a terminal`(arguments: [String])
    async throws
  {
    try await HostileParts.run { parts in
      let outcome = try await Program.run(
        list: arguments + ["--config", parts.configuration],
        environment: ["STATE_DIRECTORY": "\(parts.folder)/state"])
      Self.expectHarmless(
        outcome, arguments.joined(separator: " "), shows: arguments == ["once"] ? nil : "evil")
    }
  }

  @Test(arguments: [["--output", "-"], ["--yes"]])
  func `init proposes nothing that acts on a terminal`(options: [String]) async throws {
    try await HostileParts.run { parts in
      let file = "\(parts.folder)/new.json"
      let output = options.first == "--yes" ? ["--output", file] : []
      let outcome = try await Program.run(
        list: ["init", "--socket", parts.socket, "--cadvisor", parts.url] + options + output)
      Self.expectHarmless(outcome, "init", shows: nil)
    }
  }

  @Test func `neither does the daemon's log, nor any command that asks it`() async throws {
    try await HostileParts.run { parts in
      let state = ["STATE_DIRECTORY": "\(parts.folder)/state"]
      try await withThrowingTaskGroup(of: Program.Outcome.self) { daemon in
        daemon.addTask {
          try await Program.run(
            list: ["run", "--config", parts.configuration],
            under: ["timeout", "--foreground", "15"],
            environment: state)
        }
        let named = ["--config", parts.configuration]
        try await eventually("the daemon has looked twice") {
          let outcome = try await Program.run(list: ["status", "--json"] + named)
          return outcome.output.contains("evil") && outcome.output.contains("\"ready\" : true")
        }
        for command in [["status"], ["status", "--json"], ["status", "--nagios"]] {
          let outcome = try await Program.run(list: command + named)
          Self.expectHarmless(outcome, command.joined(separator: " "), shows: nil)
        }
        for server in HostileParts.servers + ["none"] {
          for format in [[], ["--json"]] {
            let outcome = try await Program.run(list: ["explain", "shop", server] + format + named)
            Self.expectHarmless(
              outcome, "explain \(server.debugDescription)",
              shows: server == "s1" ? "PWNED" : "evil")
          }
        }
        let ended = try #require(try await daemon.next())
        Self.expectHarmless(ended, "run")
      }
    }
  }
}
