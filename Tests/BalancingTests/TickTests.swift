import Testing

@testable import Balancing

@Suite struct TickTests {
  private func seen(
    cores: Double = 4, offset: Double = 0.5, fairPart: Double = 0.25
  ) -> HostObservation? {
    var host = HostObservation(cores: cores, samples: [], clockOffsetSeconds: offset)
    host.fairPart = fairPart
    return tick(at: 1, hosts: ["h": host]).hosts["h"]
  }

  @Test func `a sound host is taken as it is`() throws {
    let host = try #require(seen())
    #expect((host.cores, host.clockOffsetSeconds, host.fairPart) == (4, 0.5, 0.25))
  }

  @Test(arguments: [-1, 0, .nan, .infinity, -.infinity] as [Double])
  func `a host of so many cores is one of unknown size`(cores: Double) {
    #expect(seen(cores: cores)?.cores == 0)
  }

  @Test func `a host has no more cores than any machine, and no part beyond its own`() {
    #expect(seen(cores: 1e300)?.cores == HostMeter.mostCores)
    #expect(seen(fairPart: 2)?.fairPart == 1)
    #expect(seen(fairPart: .nan)?.fairPart == 0)
  }

  @Test(arguments: [.nan, .infinity, -.infinity] as [Double])
  func `a clock that is off by no number is taken for ours`(offset: Double) {
    #expect(seen(offset: offset)?.clockOffsetSeconds == 0)
  }

  private func kept(_ known: [String: Timestamp], seen: Int = 0) -> Set<String> {
    let tick = tick(at: 4000)
    var known = known
    tick.forgetOld(in: &known, seen: seen) { $0 }
    return Set(known.keys)
  }

  @Test func `what was not seen for an hour is forgotten`() {
    #expect(kept(["now": at(4000), "of late": at(400)], seen: 1) == ["now", "of late"])
    #expect(kept(["now": at(4000), "long ago": at(399)], seen: 1) == ["now"])
    #expect(kept(["long ago": at(399)]) == [])
    // All were seen, so none is looked at.
    #expect(kept(["long ago": at(399)], seen: 1) == ["long ago"])
  }

  @Test func `what a clock saw that was set back since is forgotten as well`() {
    #expect(kept(["to come": at(7601), "soon": at(7600)]) == ["soon"])
  }
}
