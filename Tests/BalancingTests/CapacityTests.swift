import Testing

@testable import Balancing

/// What a server can use, by what is told of it and by what it was seen to do.
@Suite struct CapacityTests {
  private func capacity(told: Double?, seen: Double?) -> Capacity {
    var capacity = Capacity(toldCores: told)
    capacity.seenCores = seen
    return capacity
  }

  @Test(
    arguments: [
      (told: 2.0, seen: 0.5, cores: 0.5, kind: Utilisation.Limit.seen),
      (told: nil, seen: 0.5, cores: 0.5, kind: .seen),
      (told: 2, seen: nil, cores: 2, kind: .quota),
      (told: 2, seen: 3, cores: 2, kind: .quota),
      (told: 2, seen: 2, cores: 2, kind: .quota),
    ] as [(told: Double?, seen: Double?, cores: Double, kind: Utilisation.Limit)])
  func `the lower of what is told and what was seen is its limit`(
    told: Double?, seen: Double?, cores: Double, kind: Utilisation.Limit
  ) {
    let capacity = capacity(told: told, seen: seen)
    #expect(capacity.limit?.cores == cores && capacity.limit?.kind == kind)
    #expect(capacity.limitCores == cores)
  }

  @Test func `what is told stays when something lower is seen`() {
    #expect(capacity(told: 2, seen: 0.5).toldCores == 2)
  }

  @Test func `what it has shown is no limit`() {
    var capacity = Capacity()
    capacity.shownCores = 1
    #expect(capacity.limit == nil && capacity.limitCores == nil)
    #expect(capacity.cores(onHostOf: 4) == 4)
  }

  @Test func `it has no more than its host has, and without any limit nothing is known`() {
    #expect(capacity(told: 8, seen: nil).cores(onHostOf: 4) == 4)
    #expect(capacity(told: 8, seen: 6).cores(onHostOf: 4) == 4)
    #expect(capacity(told: 2, seen: 1).cores(onHostOf: 4) == 1)
    #expect(capacity(told: 2, seen: nil).cores(onHostOf: nil) == 2)
    #expect(capacity(told: nil, seen: nil).cores(onHostOf: nil) == nil)
  }
}
