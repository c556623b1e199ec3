import Balancing
import CheckedJSON
import Control
import FoundationEssentials
import Testing

@testable import EvenkeelDaemon

/// Holds what is shipped beside the code against the code.
struct ConfigurationSchemaTests {
  @Test func `the shipped example is read`() throws {
    let configuration = try Configuration.load(
      from: Self.root + "config.example.json", environment: [:])
    #expect(configuration.backends.map(\.name) == ["backend_servers"])
  }

  @Test(arguments: [
    (["$defs", "present"], ConfigurationKeys.Present.allCases.map(\.rawValue)),
    (["$defs", "endpoint"], ConfigurationKeys.Endpoint.allCases.map(\.rawValue)),
    (["$defs", "peer"], ConfigurationKeys.Peer.allCases.map(\.rawValue)),
    (["$defs", "endpoint", "properties", "names"], MetricName.allCases.map(\.rawValue)),
    (["$defs", "finding"], ConfigurationKeys.Finding.allCases.map(\.rawValue)),
    (
      ["$defs", "finding", "properties", "servers"],
      ConfigurationKeys.Servers.allCases.map(\.rawValue)
    ),
    (["$defs", "finding", "properties", "dns"], ConfigurationKeys.DNS.allCases.map(\.rawValue)),
    (["$defs", "balancer"], ConfigurationKeys.Balancer.allCases.map(\.rawValue)),
    (["$defs", "backend"], ConfigurationKeys.Backend.allCases.map(\.rawValue)),
    (
      ["$defs", "backend", "properties", "weights"],
      ConfigurationKeys.Weights.allCases.map(\.rawValue)
    ),
    (
      ["$defs", "present", "properties", "status"],
      ConfigurationKeys.Status.allCases.map(\.rawValue)
    ),
    (["$defs", "form2015"], ConfigurationKeys.Form2015.allCases.map(\.rawValue)),
  ])
  func `an object has the same keys in code and schema, and no others`(
    path: [String], keys: [String]
  ) throws {
    let object = try Self.schema(at: path)
    #expect(try Set(object.at("properties").names) == Set(keys))
    #expect(try object.at("additionalProperties") == .boolean(false))
  }

  @Test(arguments: [
    (["endpoint", "properties", "kind"], SourceKind.allCases.map(\.rawValue)),
    (["endpoint", "properties", "load"], SourceScope.allCases.map(\.rawValue)),
    (["finding", "properties", "kind"], SourceKind.allCases.map(\.rawValue)),
    (["finding", "properties", "load"], SourceScope.allCases.map(\.rawValue)),
    (
      ["finding", "properties", "dns", "properties", "type"],
      ConfigurationReading.RecordType.allCases.map(\.rawValue)
    ),
    (["mode"], BackendSettings.Mode.allCases.map(\.rawValue)),
    (["backend", "properties", "strategy"], BackendSettings.StrategyKind.allCases.map(\.rawValue)),
    (["backend", "properties", "measure"], BackendSettings.Measure.allCases.map(\.rawValue)),
    (["backend", "properties", "match"], ContainerMatch.allCases.map(\.rawValue)),
    (["present", "properties", "on_stop"], Configuration.OnStop.allCases.map(\.rawValue)),
  ])
  func `a choice is the same in code and schema`(path: [String], choices: [String]) throws {
    let object = try Self.schema(at: ["$defs"] + path)
    #expect(try object.at("enum") == .array(choices.map { .string($0) }))
  }

  @Test func `defaults and bounds are the same in code and schema`() throws {
    let weight = try Self.schema(at: ["$defs", "weight"])
    #expect(try weight.at("minimum") == .number("\(WeightBounds.standard.minimum)"))
    #expect(try weight.at("maximum") == .number("\(WeightBounds.standard.maximum)"))
    let pattern = try Self.schema(at: ["$defs", "pattern"])
    #expect(try pattern.at("maxLength") == .number("\(PCREPattern.maximumPatternLength)"))
    // A configuration that says what the schema calls the default is the one that says nothing.
    let present = try Self.defaults(of: ["$defs", "present"])
    let backend = try Self.defaults(of: ["$defs", "backend"])
    let weights = try Self.defaults(of: ["$defs", "backend", "properties", "weights"])
    let balancer = try Self.defaults(of: ["$defs", "balancer"])
    let status = try Self.defaults(of: ["$defs", "present", "properties", "status"])
    #expect(
      [present.count, backend.count, weights.count, balancer.count, status.count]
        == [3, 5, 2, 2, 1])
    let said = ConfigurationText.small(
      ", " + present.joined(separator: ", ")
        + ", \"status\": {\(status.joined(separator: ", "))}",
      balancers: #"[{"address": "unix:/a", \#(balancer.joined(separator: ", "))}]"#,
      backends: """
        [{"name": "a", \(backend.joined(separator: ", ")),
          "weights": {\(weights.joined(separator: ", "))}}]
        """)
    let unsaid = ConfigurationText.small(
      balancers: #"[{"address": "unix:/a"}]"#, backends: #"[{"name": "a"}]"#)
    #expect(try ConfigurationText.parse(said) == ConfigurationText.parse(unsaid))
  }

  private static let root =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    .joined(separator: "/") + "/"

  private static func schema(at path: [String]) throws -> JSONValue {
    let whole = try #require(try ShippedSchema("evenkeel.schema.json").object(nil))
    return try path.reduce(whole) { value, name in try value.at(name) }
  }

  /// The members that an object has by default, as text.
  private static func defaults(of path: [String]) throws -> [String] {
    let properties = try schema(at: path + ["properties"])
    return try properties.names.compactMap { name in
      let property = try properties.at(name)
      guard property.names.contains("default") else { return nil }
      switch try property.at("default") {
      case .string(let text): return "\"\(name)\": \"\(text)\""
      case .number(let text): return "\"\(name)\": \(text)"
      case .boolean(let flag): return "\"\(name)\": \(flag)"
      case let other: throw Unexpected(description: "\(name) has the default \(other)")
      }
    }
  }

  fileprivate struct Unexpected: Error, CustomStringConvertible {
    let description: String
  }
}

extension JSONValue {
  fileprivate func at(_ name: String) throws -> JSONValue {
    guard let value = self[name] else {
      throw ConfigurationSchemaTests.Unexpected(description: "there is no \(name)")
    }
    return value
  }
}
