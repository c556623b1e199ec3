import HAProxy
import Testing

@Suite struct WeightResultTests {
  @Test(arguments: CapturedReply.versions)
  func `every version's words for a weight are understood`(version: String) throws {
    func result(_ name: String) throws -> WeightResult {
      WeightResult(reply: try CapturedReply.text(name, version: version))
    }
    #expect(try result("ok") == .written)
    #expect(try result("no-server") == .noSuchServer)
    #expect(try result("no-backend") == .noSuchServer)
    #expect(
      try result("range")
        == .refused(reply: "Absolute weight can only be between 0 and 256 inclusive."))
    #expect(
      try result("garbage")
        == .refused(reply: "Empty weight string empty or preceded by garbage"))
    #expect(
      try result("static")
        == .staticAlgorithm(
          reply: """
            Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.
            """))
  }

  /// The file also has the empty reply to `operator`.
  @Test(arguments: CapturedReply.versions)
  func `every version's refusal for lack of rights is understood`(version: String) throws {
    let reply = try CapturedReply.text("no-permission", version: version).drop { $0 == "\n" }
    #expect(WeightResult(reply: String(reply)) == .permissionDenied)
  }

  @Test func `of a long refusal the beginning is told`() {
    let reply = String(repeating: "no ", count: 100_000)
    #expect(WeightResult(reply: reply) == .refused(reply: String(reply.prefix(300)) + "…"))
  }
}
