import Testing

@testable import CAdvisor

struct MachineWatchTests {
  private static func findings(
    _ answers: [(at: Double, identity: String?)]
  ) -> [MachineWatch.Finding] {
    var watch = MachineWatch()
    return answers.map { watch.observe($0.identity, at: .seconds($0.at)) }
  }

  @Test func `a machine that stays is the same`() {
    #expect(Self.findings([(0, "a"), (300, "a"), (600, "a")]) == [.same, .same, .same])
  }

  @Test func `a boot changes it once`() {
    #expect(
      Self.findings([(0, "a"), (300, "b"), (600, "b"), (5000, "c"), (5300, "c")])
        == [.same, .changed, .same, .changed, .same])
  }

  @Test func `one that comes back is one of several, however late`() {
    #expect(Self.findings([(0, "a"), (300, "b"), (90_000, "a")]) == [.same, .changed, .several])
  }

  @Test func `one after the other within minutes are several`() {
    #expect(Self.findings([(0, "a"), (10, "b"), (20, "c")]) == [.same, .changed, .several])
  }

  @Test func `several are believed to be one after many answers of it alone`() {
    let mesh: [(Double, String?)] = [(0, "a"), (10, "b"), (20, "a")]
    let steady = (1...20).map { (20.0 + 10 * Double($0), Optional("a")) }
    let findings = Self.findings(mesh + steady + [(9000, "b"), (9010, "b")])
    #expect(findings.prefix(22).suffix(20).allSatisfy { $0 == .several })
    #expect(findings.suffix(3) == [.same, .changed, .same], "and then a boot is a boot again")
  }

  @Test func `what does not say who it is tells nothing`() {
    let findings = Self.findings([(0, nil), (10, "a"), (20, nil), (30, "a")])
    #expect(findings.allSatisfy { $0 == .same })
  }
}
