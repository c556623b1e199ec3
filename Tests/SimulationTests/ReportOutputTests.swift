import Balancing
import FoundationEssentials
import Testing

@testable import Simulation

@Suite struct ReportJSONTests {
  private static func json(_ record: RunRecord) throws -> String {
    let encoder = JSONEncoder()
    // As the command does it: the names must come through.
    encoder.outputFormatting = [.sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let report = SimulationReport(runs: [RunMeasures(record)])
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }

  @Test func `the names are the promised ones, and what never was is null`() throws {
    var record = Example.record(Example.scenario(seconds: 72), strategy: .capacityOnLeastconn) {
      _ in [0.9, 0.3]
    }
    record.requests = [Example.request(at: 10, took: 0.125)]
    #expect(
      try Self.json(record) == """
        {"runs":[{"failed":0,"p50_ms":125,"p99_ms":125,"phases":[{"failed":0,"from_s":0,\
        "p50_ms":125,"p99_ms":125,"requests":1,"settle_110_s":null,"settle_125_s":null,\
        "spread_mean":1.5,"spread_worst":1.5,"writes_per_server_hour":0}],"requests":1,\
        "scenario":"example","second_half":{"failed":0,"p50_ms":null,"p99_ms":null,\
        "requests":0},"seed":1,"strategy":"capacity+leastconn"}],"version":1}
        """)
  }

  @Test func `a run without requests has null for its latencies`() throws {
    let text = try Self.json(Example.record(Example.scenario(seconds: 50)) { _ in [0.5, 0.5] })
    #expect(text.contains(#""p50_ms":null,"p99_ms":null,"phases""#), "\(text)")
  }
}

@Suite struct ReportTableTests {
  private static let events = [Example.demand(2, at: 60)]

  /// A run of which each request takes so long.
  private static func run(
    _ strategy: SimulatedStrategy, seed: UInt64 = 1, latency: Float, levelFrom second: Int = 0
  ) -> RunMeasures {
    var record = Example.record(
      Example.scenario(seconds: 120, events: events), strategy: strategy, seed: seed
    ) { $0 % 60 < second ? [0.9, 0.1] : [0.5, 0.5] }
    record.requests = [Example.request(at: 10, took: latency)]
    return RunMeasures(record)
  }

  private static func tables(_ runs: [RunMeasures], width: Int = 120) -> ScenarioTables {
    ScenarioTables(Example.scenario(seconds: 120, events: events), runs: runs, width: width)
  }

  @Test func `one seed is a row of plain figures`() throws {
    let tables = Self.tables([
      Self.run(.oracle, latency: 0.1), Self.run(.capacity, latency: 0.125, levelFrom: 11),
    ])
    #expect(tables.title == "example: seed 1")
    let table = try #require(tables.tables.first)
    #expect(tables.tables.count == 1)
    let columns = [
      "STRATEGY", "P50", "P99", "×ORACLE", "FAILED", "STEADY", "WORST", "WRITES", "START",
      "@60 demand ×2",
    ]
    #expect(table.header.map(Self.trimmed) == columns)
    #expect(
      table.rows.map { $0.map(Self.trimmed) } == [
        ["capacity", "125 ms", "125 ms", "1.25", "0", "1.00", "1.00", "0.0", "19/17", "19/17"],
        ["oracle", "100 ms", "100 ms", "1.00", "0", "1.00", "1.00", "0.0", "0/0", "0/0"],
      ])
  }

  @Test func `several seeds are the median, and the worst where it differs`() throws {
    let tables = Self.tables([
      Self.run(.equal, seed: 4, latency: 1.5), Self.run(.equal, seed: 5, latency: 12),
      Self.run(.equal, seed: 6, latency: 2.5, levelFrom: 60),
    ])
    #expect(tables.title == "example: 3 seeds, 4…6")
    let row = try #require(tables.tables.first?.rows.first)
    #expect(row[2] == "2.50 s (12.0 s)")
    #expect(Self.trimmed(row[3]) == "–")
    #expect(Self.trimmed(row[8]) == "0/0 (–/–)")
  }

  @Test func `an even count of seeds of which half never settled settled never`() throws {
    let tables = Self.tables([
      Self.run(.equal, seed: 1, latency: 1), Self.run(.equal, seed: 2, latency: 1, levelFrom: 60),
    ])
    #expect(try #require(tables.tables.first?.rows.first).last.map(Self.trimmed) == "–/–")
  }

  @Test(arguments: [40, 60, 80])
  func `a table that would be too wide becomes several`(width: Int) throws {
    let strategies = SimulatedStrategy.allCases
    let tables = Self.tables(strategies.map { Self.run($0, latency: 1) }, width: width).tables
    #expect(tables.count > 1)
    for table in tables {
      #expect(table.width <= width)
      #expect(table.rows.map(\.first) == strategies.map(\.rawValue))
    }
    let columns = tables.flatMap { $0.header.dropFirst() }
    #expect(columns.count == 9)
  }

  @Test func `figures stand under each other whatever is in parentheses`() throws {
    let table = ReportTable(
      title: "X", labels: ["a", "b"],
      columns: [
        .init(title: "P99", cells: [.init(text: "9 ms", worst: "1 s"), .init(text: "123 ms")])
      ])
    #expect(table.header == ["X", "   P99"])
    #expect(table.rows == [["a", "  9 ms (1 s)"], ["b", "123 ms"]])
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0 == " " })
  }
}

@Suite struct ReportPlotTests {
  private static func block(
    _ strategy: SimulatedStrategy = .capacity, seconds: Double = 100, name: String = "example"
  ) -> PlotBlock {
    PlotBlock(
      Example.record(
        Example.scenario(
          seconds: seconds, events: [Example.down("b", at: 50), Example.demand(2, at: 52)],
          name: name),
        strategy: strategy, weights: { [100, $0 < 30 ? 100 : 50] },
        isServing: { [true, !(50..<70).contains($0)] }
      ) { _ in [0.5, 0.25] })
  }

  @Test func `names are escaped, and what XML forbids is replaced`() {
    let svg = Plot.svg([Self.block(name: "a<b>&\"c\"\u{1}")])
    #expect(svg.contains("a&lt;b&gt;&amp;&quot;c&quot;\u{FFFD}"))
    #expect(!svg.contains("a<b"))
    #expect(!svg.contains("\u{1}"))
  }

  @Test func `every element that is opened is closed`() {
    let svg = Plot.svg([Self.block(.equal), Self.block(.capacity), Self.block(name: "other")])
    var open: [Substring] = []
    for tag in svg.split(separator: "<") {
      let name = tag.prefix { $0.isLetter || $0 == "/" }
      if name.hasPrefix("/") {
        #expect(open.popLast() == name.dropFirst())
      } else if let end = tag.firstIndex(of: ">"), !tag[..<end].hasSuffix("/") {
        open.append(name)
      }
    }
    #expect(open.isEmpty)
    #expect(svg.contains("capacity") && svg.contains("equal") && svg.contains("other"))
  }

  @Test func `both schemes have a rule for every class of line`() {
    let parts = PlotStyle.css.split(separator: "@media")
    #expect(parts.count == 2)
    for index in 0..<8 {
      #expect(parts.allSatisfy { $0.contains(".s\(index){stroke:#") })
    }
    #expect(PlotStyle.classes(ofServer: 7) == "line s7")
    #expect(PlotStyle.classes(ofServer: 8) == "line s0 d1")
    #expect(PlotStyle.classes(ofServer: 16) == "line s0 d2")
  }

  @Test func `a line breaks off while its server does not serve`() {
    let block = Self.block()
    #expect(block.moments.count == 100)
    #expect(block.moments[60].utilisation == [0.5, nil])
    let svg = Plot.svg([block])
    let paths = svg.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("<path") }
    #expect(paths.count == 4)
    #expect(paths.map { $0.count { $0 == "M" } } == [1, 1, 2, 1])
  }

  @Test func `a long run is thinned to what can be seen`() {
    let block = Self.block(seconds: 10_000)
    #expect(block.moments.count <= PlotBlock.mostMoments)
    #expect(block.moments.last.map { $0.atSeconds > 9_980 } == true)
  }

  @Test func `ticks are at round numbers`() {
    #expect(PlotAxis(upTo: 100, pixels: (0, 1), ticks: 5).ticks == [0, 20, 40, 60, 80, 100])
    #expect(PlotAxis(upTo: 268.8, pixels: (0, 1), ticks: 5).ticks == [0, 100, 200])
    #expect(PlotAxis(upTo: 0, pixels: (0, 1), ticks: 2).ticks == [0, 0.5, 1])
    #expect(PlotAxis.step(atLeast: 64) == 100)
    #expect(PlotAxis.step(atLeast: 0.02) == 0.02)
  }

  @Test func `nothing to draw is still an image`() {
    #expect(Plot.svg([]).hasPrefix("<svg"))
    let empty = RunRecord(
      scenario: Example.scenario(seconds: 50), strategy: .equal, seed: 1, servers: [])
    #expect(Plot.svg([PlotBlock(empty)]).hasSuffix("</svg>\n"))
  }
}
