import CheckedJSON
import FoundationEssentials
import TestSupport
import Testing

@testable import EvenkeelDaemon

/// Holds the shipped schema of the status against what is answered.
@Suite struct StatusSchemaTests {
  @Test func `every field is in the schema, described and required, and no other`() async throws {
    var run = RecordedCluster.make()
    await run.run(ticks: 6)
    // So that there is something to find.
    run.cluster.change { $0.servers[2].isListed = false }
    await run.run(ticks: 1)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let status = try JSONReader.read(Array(try encoder.encode(run.report)))
    let schema = try ShippedSchema("evenkeel.status.schema.json")
    let backend = try #require(status["backends"]?.first)
    let server = try #require(backend["servers"]?.first)
    try schema.expectToDescribe([
      (nil, status), ("endpoint", status["endpoints"]?.first),
      ("balancer", status["balancers"]?.first), ("backend", backend), ("server", server),
      ("levelling", backend["levelling"]), ("reach", backend["reach"]),
      ("weight", server["weights"]?.first), ("change", backend["changes"]?.first),
      ("event", status["events"]?.first), ("verdict", status["verdict"]),
      ("verdict", backend["verdict"]), ("finding", status["verdict"]?["findings"]?.first),
    ])
    let reasons = schema.object("server")?["properties"]?["held"]?["enum"]
    let verdict = try #require(schema.object("verdict")?["properties"])
    #expect(
      verdict["level"]?["enum"] == .array(Verdict.Level.allCases.map { .string($0.rawValue) }))
    #expect(
      verdict["state"]?["enum"] == .array(Verdict.State.allCases.map { .string($0.rawValue) }))
    let holding = schema.object("backend")?["properties"]?["holding"]?["enum"]
    #expect(holding == .array([.null] + Holding.allCases.map { .string($0.rawValue) }))
    #expect(reasons == .array([.null] + HoldReason.allCases.map { .string($0.rawValue) }))
  }
}
