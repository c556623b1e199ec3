import Fuzzing
import Testing

/// A few thousand inputs for each decoder; `packaging/fuzz` has no end of them.
///
/// One target at a time, and others have their turn after each input: beside it run tests with real
/// processes and deadlines.
@Suite(.serialized) struct FuzzingTests {
  private static let seed: UInt64 = 20_261_125

  @Test(arguments: [
    ("cadvisor-containers", 400), ("cadvisor-host", 400), ("cadvisor-specs", 1_000),
    ("cadvisor-machine", 1_000), ("metrics-page", 1_000), ("target-groups", 1_000),
    ("docker-replies", 500), ("service-records", 2_000),
    ("haproxy-tables", 500),
    ("haproxy-info", 1_500),
    ("haproxy-framing", 500), ("configuration", 1_500), ("scenario", 1_500), ("pattern", 3_000),
    ("state-learned", 500), ("state-once", 200),
  ])
  func `a decoder keeps its promises whatever it gets`(name: String, inputs: Int) async throws {
    let target = try #require(try await FuzzTarget.all().first { $0.name == name })
    for number in 0..<inputs {
      let input = target.input(number, seed: Self.seed)
      do {
        try await target.check(input)
      } catch {
        Issue.record("input \(number) of seed \(Self.seed): \(error)")
      }
      await Task.yield()
    }
  }

  @Test func `each decoder is among those that are tried here`() async throws {
    #expect(try await FuzzTarget.all().count == 17)
  }

  @Test func `an input is the same whenever it is asked for`() async throws {
    for target in try await FuzzTarget.all() {
      #expect(target.input(7, seed: 3) == target.input(7, seed: 3))
      #expect((0..<20).contains { target.input($0, seed: 3) != target.input($0, seed: 4) })
    }
  }
}
