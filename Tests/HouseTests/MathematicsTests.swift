import FoundationEssentials
import Testing

/// The document of the mathematics, held against the code.
@Suite struct MathematicsTests {
  /// Every number with a name in `Balancing`, by the type that declares it.
  private static func constants() throws -> [String: String] {
    var constants: [String: String] = [:]
    for path in try Repository.swiftFiles(in: "Sources/Balancing") {
      // The types around a line, outermost first, each with its indentation.
      var types: [(indentation: Int, name: Substring)] = []
      for line in try Repository.text(path).split(whereSeparator: \.isNewline) {
        let indentation = line.prefix { $0 == " " }.count
        if let match = line.firstMatch(of: /^[a-z ]*\b(?:struct|enum|extension) (?:\w+\.)*(\w+)/) {
          types.removeAll { $0.indentation >= indentation }
          types.append((indentation, match.output.1))
        }
        if let match = line.firstMatch(of: /static let (\w+)(?:: [^=]+)? = (-?\d.*)/) {
          let owner = try #require(types.last { $0.indentation < indentation }?.name, "\(path)")
          constants["\(owner).\(match.output.1)"] = plain(match.output.2)
        }
      }
    }
    return constants
  }

  /// What follows from other constants stands in no table: it may not be a number of its own.
  @Test func `no number hides as what follows from others`() throws {
    for path in try Repository.swiftFiles(in: "Sources/Balancing") {
      let text = try Repository.text(path)
      #expect(!text.contains(/static var \w+: (?:Double|Int) \{ -?[\d.e_]+ \}/), "\(path)")
    }
  }

  /// As a table writes it.
  private static func plain(_ value: Substring) -> String {
    value.replacing("_", with: "").replacing(/(\d)\.0(?![.\d])/) { $0.output.1 }
      .split(separator: " ").joined(separator: " ")
  }

  @Test func `its tables have every constant of the code with its value, and no other`() throws {
    let text = try Repository.text("Sources/Balancing/README.md")
    let rows = text.matches(
      of: /(?m)^\| `(\w+\.\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/)
    var told: [String: String] = [:]
    for row in rows {
      let name = String(row.output.1)
      #expect(told[name] == nil, "\(name) stands there twice")
      told[name] = Self.plain(row.output.2)
    }
    let constants = try Self.constants()
    #expect(constants.count > 50)
    for name in Set(constants.keys).union(told.keys).sorted() {
      #expect(told[name] == constants[name], "\(name)")
    }
  }

  /// A scenario that speaks for a constant is one that there is, and so is a test.
  @Test func `it names scenarios and files that there are`() throws {
    let text = try Repository.text("Sources/Balancing/README.md")
    let scenarios = try FileManager.default.subpathsOfDirectory(
      atPath: Repository.root.appending(path: "Sources/Simulation/Scenarios").path)
    let tests =
      try Repository.swiftFiles(in: "Tests/BalancingTests")
      + Repository.swiftFiles(in: "Tests/SimulationTests")
    for row in text.matches(of: /(?m)^\| `\w+\.\w+` .* \| ([^|]+) \|$/) {
      for number in row.output.1.matches(of: /\b\d\d\b/) {
        #expect(scenarios.contains { $0.hasPrefix("\(number.output)-") }, "\(number.output)")
      }
      for name in row.output.1.matches(of: /\w+Tests\b/) {
        #expect(tests.contains { $0.hasSuffix("/\(name.output).swift") }, "\(name.output)")
      }
    }
    let sources =
      try Repository.swiftFiles(in: "Sources/Balancing")
      + Repository.swiftFiles(in: "Sources/Control")
    for file in text.matches(of: /`((?:\w+\/)+[\w+]+)`/) {
      #expect(sources.contains { $0.hasSuffix("/\(file.output.1).swift") }, "\(file.output.1)")
    }
  }
}
