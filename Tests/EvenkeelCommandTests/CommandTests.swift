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
}
