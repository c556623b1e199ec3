import CheckedJSON
import Control
import FoundationEssentials
import TestSupport
import Testing

@testable import Balancing
@testable import EvenkeelDaemon

/// Holds the shipped schema of what peers are told against what is told.
@Suite struct PeerSchemaTests {
  /// Those that are absent where nothing is known.
  private static let optional: Set<String> = [
    "settings", "started_at_seconds", "address", "port", "queued", "response_seconds", "limit",
    "requests_per_second", "cost",
  ]

  @Test func `every field is in the schema, described, and required unless it may be absent`()
    throws
  {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let report = try JSONReader.read(Array(try encoder.encode(PeerReportTests.whole())))
    let schema = try ShippedSchema("evenkeel.peer.schema.json")
    let balancer = report["balancers"]?.first
    let backend = balancer?["backends"]?.first
    let server = backend?["servers"]?.first
    try schema.expectToDescribe(
      [
        (nil, report), ("balancer", balancer), ("backend", backend), ("server", server),
        ("cost", server?["cost"]), ("settings", report["settings"]?.first),
      ], optional: Self.optional)
    let states = schema.object("server")?["properties"]?["state"]?["enum"]
    #expect(states == .array(ServerState.allCases.map { .string($0.rawValue) }))
    let settings = try #require(schema.object("settings")?["properties"])
    #expect(
      settings["mode"]?["enum"]
        == .array(BackendSettings.Mode.allCases.map { .string($0.rawValue) }))
    #expect(
      settings["strategy"]?["enum"]
        == .array(BackendStrategy.Kind.allCases.map { .string($0.rawValue) }))
    #expect(
      settings["measure"]?["enum"]
        == .array(BackendSettings.Measure.allCases.map { .string($0.rawValue) }))
  }
}
