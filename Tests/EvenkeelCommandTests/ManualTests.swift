import FoundationEssentials
import Testing

/// The man pages name whatever the program and its schema have, so that they cannot go stale.
@Suite struct ManualTests {
  private static let packaging = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "packaging")

  /// A page without its font changes and escaped hyphens.
  private static func page(_ name: String) throws -> String {
    try text("man/\(name)").replacing("\\-", with: "-").replacing("\\fI", with: "")
      .replacing("\\fP", with: "")
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: packaging.appending(path: path), encoding: .utf8)
  }

  /// The words of a page, without quotation marks and brackets around them.
  private static func words(_ name: String) throws -> Set<Substring> {
    Set(try page(name).split { " \n,;:[]()\"".contains($0) })
  }

  private static func help(_ command: String) async throws -> String {
    let outcome = try await Program.run("help", command)
    #expect(outcome.exitCode == 0, "help \(command)")
    return outcome.output
  }

  /// The first words of the lines below `SUBCOMMANDS:`.
  private static func subcommands() async throws -> [String] {
    let outcome = try await Program.run("--help")
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.drop { !$0.hasPrefix("SUBCOMMANDS:") }.dropFirst()
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  @Test func `evenkeel(1) has every subcommand and every option of the help`() async throws {
    let commands = try await Self.subcommands()
    #expect(commands.count >= 6, "\(commands)")
    let words = try Self.words("evenkeel.1")
    for command in commands {
      #expect(
        try Self.page("evenkeel.1").contains("\n.BR \(command) "), "no paragraph on \(command)")
      let options = try await Self.help(command).matches(of: /(?m)^  (-\w, )?(--[a-z-]+)/)
      #expect(options.count >= 2, "\(command)")
      for option in options {
        #expect(words.contains(option.output.2), "\(option.output.2) of \(command)")
      }
    }
  }

  @Test func `evenkeel-json(5) has every key of the schema`() throws {
    let keys = Set(try Self.keys())
    #expect(keys.count >= 24, "\(keys.sorted())")
    let words = try Self.words("evenkeel.json.5")
    #expect(keys.subtracting(words.map(String.init)) == [])
  }

  @Test func `so has the page on the configuration`() throws {
    let words = try Self.text("doc/configuration.md").split { " .,`[]|\n\"".contains($0) }
    #expect(Set(try Self.keys()).subtracting(words.map(String.init)) == [])
  }

  @Test func `evenkeel-json(5) has every default of the schema`() throws {
    let page = try Self.page("evenkeel.json.5").replacing("\\(dq", with: "\"")
    for value in try Self.text("evenkeel.schema.json").matches(of: /"default": ("[^"]+"|[0-9]+)/) {
      #expect(page.contains(value.output.1), "\(value.output.1)")
    }
  }

  /// The names in all of the schema's `properties`.
  private static func keys() throws -> [String] {
    var depths: [Int] = []
    var depth = 0
    var keys: [String] = []
    for line in try text("evenkeel.schema.json").split(separator: "\n") {
      let name = line.firstMatch(of: /^\s*"([A-Za-z0-9_]+)":/).map { String($0.output.1) }
      if let name, depths.last == depth { keys.append(name) }
      if name == "properties" { depths.append(depth + 1) }
      depth += line.count { $0 == "{" } - line.count { $0 == "}" }
      while let open = depths.last, depth < open { depths.removeLast() }
    }
    return keys
  }
}
