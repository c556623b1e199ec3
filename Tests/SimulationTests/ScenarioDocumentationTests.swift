import CheckedJSON
import CheckedJSONTestSupport
import Testing

@testable import Simulation

/// Holds the table for authors against the code.
struct ScenarioDocumentationTests {
  struct Part: Sendable, CustomTestStringConvertible {
    let heading: String
    let keys: [String]
    /// Where it stands in a scenario.
    let path: [String]
    /// The same as errors write it, before a key.
    var place: String {
      let lists = ["balancers", "hosts", "slices", "servers", "events"]
      return path.map { lists.contains($0) ? "\($0)[0]." : "\($0)." }.joined()
    }
    var testDescription: String { heading }
  }

  static let parts = [
    Part(heading: "The file", keys: keys(of: ScenarioKeys.File.self), path: []),
    Part(
      heading: "`balancers[]`", keys: keys(of: ScenarioKeys.Balancer.self), path: ["balancers"]),
    Part(heading: "`cadvisor`", keys: keys(of: ScenarioKeys.CAdvisor.self), path: ["cadvisor"]),
    Part(heading: "`request`", keys: keys(of: ScenarioKeys.Request.self), path: ["request"]),
    Part(heading: "`demand`", keys: keys(of: ScenarioKeys.Demand.self), path: ["demand"]),
    Part(heading: "`hosts[]`", keys: keys(of: ScenarioKeys.Host.self), path: ["hosts"]),
    Part(
      heading: "`visits`", keys: keys(of: ScenarioKeys.Visits.self), path: ["hosts", "visits"]),
    Part(heading: "`slices[]`", keys: keys(of: ScenarioKeys.Slice.self), path: ["slices"]),
    Part(heading: "`servers[]`", keys: keys(of: ScenarioKeys.Server.self), path: ["servers"]),
    Part(
      heading: "`warmup`", keys: keys(of: ScenarioKeys.Warmup.self), path: ["servers", "warmup"]),
    Part(heading: "`events[]`", keys: keys(of: ScenarioKeys.Event.self), path: ["events"]),
  ]

  private static func keys<Key>(of _: Key.Type) -> [String]
  where Key: RawRepresentable & CaseIterable, Key.RawValue == String {
    Key.allCases.map(\.rawValue)
  }

  @Test(arguments: parts)
  func `an object has the same keys in code and table, and no others`(part: Part) throws {
    #expect(try ScenarioDocument().rows(under: part.heading).map(\.key) == part.keys)
  }

  @Test(arguments: parts)
  func `what a key allows is the same in code and table`(part: Part) throws {
    let bases = try Self.bases(of: part)
    for row in try ScenarioDocument().rows(under: part.heading) {
      for value in Self.wrongValues(where: row.allowed) {
        let complaints = bases.flatMap {
          ScenarioText.complaints($0.setting(part.path + [row.key], to: value).text)
        }
        let isTold = complaints.contains {
          $0.hasPrefix("\(part.place)\(row.key): ") && $0.hasSuffix("(allowed: \(row.allowed))")
        }
        #expect(isTold, "\(row.key): \(complaints)")
      }
    }
  }

  @Test(arguments: parts)
  func `a scenario that says a default is the one that says nothing`(part: Part) throws {
    let silent = part.path.isEmpty ? Self.bare : Self.withEachPart
    let base = try JSONReader.read(Array(silent.utf8))
    for row in try ScenarioDocument().rows(under: part.heading) {
      guard let value = try? JSONReader.read(Array(row.standard.utf8)) else {
        #expect(["", "none"].contains(row.standard), "\(row.key) has the default \(row.standard)")
        continue
      }
      let said = base.setting(part.path + [row.key], to: value)
      #expect(said != base, "\(row.key) is said already")
      #expect(try ScenarioText.parse(said.text) == ScenarioText.parse(silent), "\(row.key)")
    }
  }

  @Test func `the example is a scenario`() throws {
    let example = try #require(try ScenarioDocument().example)
    #expect(try ScenarioText.parse(String(example)).name == "two-sizes")
  }

  private static let bare = ScenarioText.small()
  private static let withEachPart = ScenarioText.small(
    #", "balancers": [{"name": "lb1"}], "cadvisor": {}, "events": [{"at": 1, "demand": 2}]"#,
    hosts: #"[{"name": "h1", "cores": 4, "visits": {"on": 10, "off": 10}}]"#)

  /// Scenarios in which a part's keys may stand; each event takes the first place of one.
  private static func bases(of part: Part) throws -> [JSONValue] {
    let full = try JSONReader.read(Array(ScenarioText.full.utf8))
    guard part.path == ["events"], case .object(let members) = full,
      case .array(let events) = members.first(where: { $0.name == "events" })?.value
    else { return [full] }
    return events.map { full.setting(part.path, to: .array([$0])) }
  }

  /// Values that a range or a list of choices leaves out; none for what the table says in words.
  private static func wrongValues(where allowed: String) -> [JSONValue] {
    if allowed.split(separator: "…").compactMap({ Double($0) }).count == 2 {
      return [.number("1e300"), .number("-1e300")]
    }
    let choices = allowed.split(separator: ", ")
    return choices.count > 1 && allowed.allSatisfy { $0.isLetter || ", ".contains($0) }
      && allowed != "true, false" ? [.string("x")] : []
  }
}
