import FoundationEssentials
import Testing

/// What a shell script sees of the program.
@Suite struct CommandTests {
  private static let wrong = """
    {"interval": "1 s", "cadvisors": [], "balancers": [{"name": "lb1", "address": "/run/x"}],
     "backends": [{"name": "shop", "patern": "a"}]}
    """

  @Test(arguments: ["run", "check", "plan", "once"])
  func `a wrong configuration is exit 78 with every mistake at once`(command: String) async throws {
    let file = try TemporaryFile(Self.wrong)
    let outcome = try await Program.run(command, "--config", file.path)
    #expect(outcome.exitCode == 78)
    for mistake in ["interval", "cadvisors", "balancers[0].address", "backends[0].patern"] {
      #expect(outcome.error.contains("\(file.path): \(mistake)"), "\(mistake): \(outcome.error)")
    }
    #expect(outcome.error.contains("pattern"))
    #expect(outcome.output.isEmpty)
  }

  @Test func `a good file is exit 0 without a connection`() async throws {
    let file = try TemporaryFile(
      #"{"pattern": "api-.*", "backend": "b", "haproxy_socket": "/nowhere", "urls": ["http://x"]}"#)
    let outcome = try await Program.run(
      "check", "--offline", environment: ["EVENKEEL_CONFIG": file.path])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("good"))
  }

  @Test func `a part that is unreachable is exit 69, and says what to change`() async throws {
    let file = try TemporaryFile(
      """
      {"pattern": "api-.*", "backend": "b", "haproxy_socket": "/nowhere/admin.sock",
       "urls": ["http://127.0.0.1:1"]}
      """)
    let outcome = try await Program.run("check", "--config", file.path)
    #expect(outcome.exitCode == 69)
    #expect(outcome.output.contains("/nowhere/admin.sock"))
    #expect(outcome.output.contains("http://127.0.0.1:1"))
  }

  @Test(arguments: [["check", "--nonsense"], ["plan", "--window", "soon"], ["sail"]])
  func `wrong usage is exit 2`(arguments: [String]) async throws {
    let outcome = try await Program.run(arguments[0], arguments.dropFirst().first ?? "")
    #expect(outcome.exitCode == 2)
    #expect(outcome.error.contains("Usage:"))
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: ["run", "check", "plan", "once", "demo"])
  func `every command's help has an example`(command: String) async throws {
    let outcome = try await Program.run(command, "--help")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("Example:"))
    #expect(outcome.output.contains("evenkeel \(command)"))
  }

  @Test func `the version is one line on standard output`() async throws {
    let outcome = try await Program.run("--version")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.split(separator: "\n").count == 1)
  }

  private static let good = """
    {"$schema": "https://example.org/evenkeel.schema.json", "cadvisors": ["http://x"],
     "balancers": [{"name": "lb1", "address": "unix:/nowhere"}], "backends": [{"name": "shop"}]}
    """

  @Test(arguments: ["-", "/dev/stdin", "/dev/fd/0"])
  func `a configuration may come from a pipe, and name its schema`(name: String) async throws {
    let command = ["check", "--offline", "--config", name]
    let good = try TemporaryFile(Self.good)
    defer { withExtendedLifetime(good) {} }
    let outcome = try await Program.run(list: command, under: Program.piping(good))
    #expect(outcome.exitCode == 0, "\(outcome)")
    #expect(outcome.output.contains("good: 1 backend(s)"))
    let file = try TemporaryFile(Self.wrong)
    defer { withExtendedLifetime(file) {} }
    let wrong = try await Program.run(list: command, under: Program.piping(file))
    #expect(wrong.exitCode == 78 && wrong.error.contains("backends[0].patern"), "\(wrong)")
  }

  @Test func `a named pipe is read to its end`() async throws {
    let source = try TemporaryFile(Self.good)
    defer { withExtendedLifetime(source) {} }
    let script = """
      mkfifo "$1.fifo" && { cat "$1" >"$1.fifo" & }
      file=$1; shift
      "$@" --config "$file.fifo"; code=$?
      rm "$file.fifo"; exit $code
      """
    let outcome = try await Program.run(
      list: ["check", "--offline"], under: ["sh", "-c", script, "sh", source.path])
    #expect(outcome.exitCode == 0, "\(outcome)")
  }

  @Test func `the daemon wants a file that it can read again`() async throws {
    let outcome = try await Program.run("run", "--config", "-")
    #expect(outcome.exitCode == 2)
    #expect(outcome.error.contains("reads its file again"))
  }

  @Test(arguments: [
    ["check", "--offline"], ["check"], ["plan"], ["status"], ["explain", "a", "b"],
  ])
  func `who asks for JSON is given JSON of a wrong file too`(command: [String]) async throws {
    let file = try TemporaryFile(Self.wrong)
    let outcome = try await Program.run(list: command + ["--json", "--config", file.path])
    #expect(outcome.exitCode == 78)
    struct Refused: Decodable {
      struct Problem: Decodable {
        var path: String
        var message: String
        var hint: String?
      }
      var version: Int
      var ok: Bool
      var problems: [Problem]
    }
    let refused = try JSONDecoder().decode(Refused.self, from: Data(outcome.output.utf8))
    #expect(!refused.ok && refused.version == 1)
    #expect(refused.problems.contains { $0.path == "backends[0].patern" })
    #expect(outcome.error.contains("backends[0].patern"))
  }

  @Test func `a good file is JSON of the same form`() async throws {
    let file = try TemporaryFile(Self.good)
    let outcome = try await Program.run("check", "--offline", "--json", "--config", file.path)
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains(#""ok" : true"#) && outcome.output.contains(#""problems" : ["#))
  }

  @Test(arguments: [["stauts"], ["help", "stauts"], ["chekc", "--offline"], ["help", "nope"]])
  func `a command that there is not is usage, with the nearest or all`(arguments: [String])
    async throws
  {
    let outcome = try await Program.run(list: arguments)
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.isEmpty)
    let hint =
      arguments.last == "stauts"
      ? "did you mean `status`?"
      : arguments.last == "nope" ? "allowed: init, run, check" : "did you mean `check`?"
    #expect(outcome.error.contains(hint), "\(outcome.error)")
  }

  @Test(arguments: [["--version"], ["version"], ["--help"], ["simulate", "--list"]])
  func `what cannot be written is a failure, and said`(arguments: [String]) async throws {
    let outcome = try await Program.run(
      list: arguments, under: ["sh", "-c", "exec \"$@\" >/dev/full", "sh"])
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.error == "standard output cannot be written: No space left on device\n",
      "\(outcome.error)")
  }

  @Test func `an absent file is answered with what writes one`() async throws {
    let outcome = try await Program.run("check", "--config", "/nowhere/config.json")
    #expect(outcome.exitCode == 78)
    #expect(outcome.error.contains("`evenkeel init` writes one"))
  }

  @Test func `levels have the names that others give them`() async throws {
    let file = try TemporaryFile(Self.wrong)
    for level in ["warn", "warning", "WARNING"] {
      let outcome = try await Program.run(
        "once", "--config", file.path, "--log-level", level)
      #expect(outcome.exitCode == 78, "\(level): \(outcome)")
    }
    #expect(try await Program.run("once", "--log-level", "loud").exitCode == 2)
  }

  @Test func `no daemon is one cause, in the system's words`() async throws {
    let outcome = try await Program.run("status", "--url", "http://127.0.0.1:1")
    #expect(outcome.exitCode == 69)
    #expect(outcome.error.hasSuffix("(Connection refused)\n"), "\(outcome.error)")
  }
}
