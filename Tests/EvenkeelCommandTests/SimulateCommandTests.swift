import FoundationEssentials
import Testing

/// `evenkeel simulate` as a shell script sees it.
@Suite struct SimulateCommandTests {
  private static let small = """
    {"name": "small", "duration": 60, "request": {"cpu": 0.01}, "demand": {"rps": 20},
     "hosts": [{"name": "h1", "cores": 1}],
     "servers": [{"name": "s1", "host": "h1"}, {"name": "s2", "host": "h1"}]}
    """

  @Test func `a file of one's own is run, and told in a table with a row for each strategy`()
    async throws
  {
    let file = try TemporaryFile(Self.small)
    let outcome = try await Program.run(
      "simulate", file.path, "--strategy", "oracle", "--strategy", "equal", "--seeds", "2")
    #expect(outcome.exitCode == 0)
    #expect(outcome.error.isEmpty)
    #expect(outcome.output.hasPrefix("small: 2 seeds, 1…2\nSTRATEGY"))
    let first = outcome.output.split(whereSeparator: \.isNewline)
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(Array(first.prefix(4)) == ["small:", "STRATEGY", "equal", "oracle"])
  }

  @Test func `the same seed gives the same JSON, and the names are the promised ones`()
    async throws
  {
    let file = try TemporaryFile(Self.small)
    let arguments = ["simulate", file.path, "--strategy", "capacity", "--json", "--seed", "3"]
    func run() async throws -> Program.Outcome {
      try await Program.run(
        arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5],
        arguments[6])
    }
    let outcome = try await run()
    #expect(outcome.exitCode == 0)
    #expect(try await run().output == outcome.output)
    for name in [
      #""version" : 1"#, #""strategy" : "capacity""#, #""seed" : 3"#, #""from_s" : 0"#,
      #""settle_110_s""#, #""settle_125_s""#, #""spread_mean""#, #""spread_worst""#, #""p50_ms""#,
      #""p99_ms""#, #""requests""#, #""failed" : 0"#, #""writes_per_server_hour""#,
    ] {
      #expect(outcome.output.contains(name), "\(name): \(outcome.output)")
    }
  }

  @Test func `the plot is a file, and what was in it is replaced`() async throws {
    let file = try TemporaryFile(Self.small)
    let plot = try TemporaryFile(String(repeating: "old", count: 100_000))
    let outcome = try await Program.run(
      "simulate", file.path, "--strategy", "equal", "--plot", plot.path)
    #expect(outcome.exitCode == 0)
    let svg = try String(contentsOf: URL(filePath: plot.path), encoding: .utf8)
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
  }

  @Test func `a plot that cannot be written is said before anything is run`() async throws {
    let outcome = try await Program.run("simulate", "all", "--plot", "/nowhere/x.svg")
    #expect(outcome.exitCode == 1)
    #expect(outcome.error.contains("/nowhere/x.svg"))
    #expect(outcome.output.isEmpty)
  }

  @Test func `wrong scenarios are exit 78 with every mistake in each of them`() async throws {
    let file = try TemporaryFile(#"{"nam": "x", "duration": -1}"#)
    let outcome = try await Program.run(
      "simulate", file.path, "3-neighbour", "--strategy", "equal")
    #expect(outcome.exitCode == 78)
    for mistake in ["\(file.path): nam", "\(file.path): duration", "`03-neighbour`"] {
      #expect(outcome.error.contains(mistake), "\(mistake): \(outcome.error)")
    }
    #expect(outcome.output.isEmpty)
  }

  @Test func `a scenario of the family is printed as a file that runs by itself`() async throws {
    let printed = try await Program.run("simulate", "family-3", "--print")
    #expect(printed.exitCode == 0)
    #expect(printed.output.hasPrefix("{\n  \"name\": \"family-3\""))
    let again = try await Program.run("simulate", "family-3", "--print")
    #expect(again.output == printed.output)
    let short = printed.output.replacing(/"duration": \d+/, with: "\"duration\": 30")
    let file = try TemporaryFile(short)
    let outcome = try await Program.run("simulate", file.path, "--strategy", "equal")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.hasPrefix("family-3: seed 3"))
  }

  @Test func `the family is compared with the algorithm alone, in text`() async throws {
    let outcome = try await Program.run("simulate", "--family", "1", "--seed", "103")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.hasPrefix("SCENARIOS "))
    for part in ["1 all", "1 roundrobin", "family-103", "×ORACLE"] {
      #expect(outcome.output.contains(part), "\(part): \(outcome.output)")
    }
  }

  @Test func `and in JSON`() async throws {
    let outcome = try await Program.run("simulate", "--family", "1", "--seed", "103", "--json")
    #expect(outcome.exitCode == 0)
    for name in [
      #""version" : 1"#, #""name" : "family-103""#, #""p99_to_bare""#, #""p95""#, #""second_half""#,
      #""failed_to_bare""#, #""p99_to_oracle""#, #""summaries""#, #""scenarios""#,
    ] {
      #expect(outcome.output.contains(name), "\(name): \(outcome.output)")
    }
  }

  @Test(arguments: [
    ["--family", "0"], ["--family", "3", "01-unequal-quotas"],
    ["--family", "3", "--plot", "x.svg"],
    ["--family", "3", "--strategy", "equal"], ["all", "03-neighbour", "--print"],
  ])
  func `what does not go together is exit 2`(arguments: [String]) async throws {
    let outcome = try await Program.run(list: ["simulate"] + arguments)
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.isEmpty)
  }

  @Test func `an unknown strategy is exit 2 and names the nearest`() async throws {
    let outcome = try await Program.run("simulate", "all", "--strategy", "capcity")
    #expect(outcome.exitCode == 2)
    #expect(outcome.error.contains("`capacity`"))
  }

  @Test(arguments: [["--seeds", "0"], ["--interval", "soon"], ["--seed", "-1"]])
  func `a number that makes no sense is exit 2`(option: [String]) async throws {
    let outcome = try await Program.run("simulate", "all", option[0], option[1])
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.isEmpty)
  }

  @Test func `without a scenario it says where to find one`() async throws {
    let outcome = try await Program.run("simulate")
    #expect(outcome.exitCode == 2)
    #expect(outcome.error.contains("--list"))
    let list = try await Program.run("simulate", "--list")
    #expect(list.exitCode == 0)
    #expect(list.output.contains("03-neighbour") && list.output.contains("capacity+leastconn"))
  }

  @Test func `its help has an example`() async throws {
    let outcome = try await Program.run("simulate", "--help")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("Example: evenkeel simulate"))
  }
}
