import Testing

@testable import Balancing

/// Which of the limits that a container can hit is the fullest.
@Suite struct LimitsTests {
  /// A host, of which so many cores are in use where that is measured.
  private func limits(
    quota: Double?, seen: Double? = nil, hostCores: Double, inUse: Double? = nil
  ) -> Limits? {
    let samples = inUse.map { [sample(0, 0), sample(10, 10 * $0)] } ?? []
    let host = HostObservation(cores: hostCores, samples: samples)
    let tick = tick(at: 10, hosts: ["h": host])
    var meter = HostMeter(seen: at(10))
    meter.update(host, tick: tick)
    var capacity = Capacity(toldCores: quota)
    capacity.seenCores = seen
    return Limits(capacity, host: meter, tick: tick)
  }

  @Test func `a container may use its quota, at most its host`() {
    #expect(limits(quota: 1, hostCores: 4)?.cores == 1)
    #expect(limits(quota: 8, hostCores: 4)?.cores == 4)
    #expect(limits(quota: 1, hostCores: 0)?.cores == 1)
    #expect(limits(quota: nil, hostCores: 4)?.cores == 4)
    #expect(limits(quota: nil, hostCores: 0) == nil)
  }

  @Test func `the fullest limit counts, and of two as full the quota`() {
    func utilisation(quota: Double?, inUse: Double? = nil) -> Utilisation? {
      limits(quota: quota, hostCores: 4, inUse: inUse)?.utilisation(cores: 0.5)
    }
    #expect(utilisation(quota: 1) == Utilisation(0.5, of: .quota))
    #expect(utilisation(quota: 1, inUse: 2) == Utilisation(0.5, of: .quota))
    #expect(utilisation(quota: 1, inUse: 3) == Utilisation(0.75, of: .host))
    #expect(utilisation(quota: nil) == Utilisation(0.125, of: .host))
    #expect(utilisation(quota: 8) == Utilisation(0.125, of: .host))
    #expect(utilisation(quota: nil, inUse: 3) == Utilisation(0.75, of: .host))
  }

  @Test func `a limit that was seen counts as a quota does, and goes by its own name`() {
    #expect(limits(quota: 2, seen: 1, hostCores: 4)?.cores == 1)
    #expect(limits(quota: nil, seen: 1, hostCores: 0)?.cores == 1)
    func utilisation(quota: Double?, seen: Double) -> Utilisation? {
      limits(quota: quota, seen: seen, hostCores: 4)?.utilisation(cores: 0.5)
    }
    #expect(utilisation(quota: nil, seen: 1) == Utilisation(0.5, of: .seen))
    #expect(utilisation(quota: 2, seen: 1) == Utilisation(0.5, of: .seen))
    #expect(utilisation(quota: 1, seen: 2) == Utilisation(0.5, of: .quota))
    #expect(utilisation(quota: nil, seen: 8) == Utilisation(0.125, of: .host))
  }
}
