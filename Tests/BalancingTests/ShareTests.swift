import TestSupport
import Testing

@testable import Balancing

/// What one tick may do to shares.
@Suite struct ShareTests {
  @Test func `what one may not have goes to the others in the relation wanted`() {
    let shares = ShareLimits.capped([6, 3, 1], at: [0.2, .infinity, .infinity], total: 1)
    #expect(isNear(shares, [0.2, 0.6, 0.2]))
  }

  @Test func `a second cap may follow from the first`() {
    let shares = ShareLimits.capped([6, 3, 1], at: [0.2, 0.5, 1], total: 1)
    #expect(isNear(shares, [0.2, 0.5, 0.3]))
  }

  @Test func `caps never leave a part of the total over`() {
    #expect(isNear(ShareLimits.capped([1, 1], at: [0.1, 0.3], total: 1), [0.25, 0.75]))
    #expect(isNear(ShareLimits.capped([1, 0], at: [0.6, 0.9], total: 1), [0.6, 0.4]))
    #expect(ShareLimits.capped([], at: [], total: 1).isEmpty)
  }

  @Test func `a share may double, and counts as a tenth of an equal one at least`() {
    let caps = ShareLimits.caps(
      [0.5, 0.5, 0.0, 0.0], [.stepwise(), .free, .stepwise(), .stepwise()])
    #expect(caps == [1, .infinity, 0.05, 0.05])
  }

  @Test func `a share that was not measured yet is no share to double`() {
    let caps = ShareLimits.caps([0.6, 0.4], [.stepwise(measured: 0.4), .stepwise(measured: 0.6)])
    #expect(caps == [0.8, 0.8])
  }

  @Test func `which share stood when is known for as long as samples may be late`() {
    var history = ShareHistory()
    #expect(history.share(at: at(0)) == nil)
    for (moment, share) in [(0, 0.2), (10, 0.2), (20, 0.3), (21, 0.4), (360, 0.4), (361, 0.1)] {
      history.add(share, at: at(Double(moment)))
    }
    // What is seen at a look was written after the one before.
    #expect(history.share(at: at(5)) == 0.4)
    #expect(history.share(at: at(20.5)) == 0.4)
    #expect(history.share(at: at(360.5)) == 0.1)
    history.add(0.5, at: at(100))
    #expect(history.share(at: at(300)) == 0.5)
  }

  @Test func `a share that was taken away on purpose may come back at once`() {
    let caps = ShareLimits.caps([0.9, 0.1], [.stepwise(before: 0.3), .stepwise(before: 0.3)])
    #expect(caps == [1.8, 0.3])
  }

  @Test func `a share that may not rise is capped where it stands`() {
    #expect(ShareLimits.caps([0.5, 0.3, 0.2], [.none, .none, .free]) == [0.5, 0.3, .infinity])
  }

  @Test func `no share is planned below the least weight`() throws {
    let bounds = try #require(WeightBounds(minimum: 4, maximum: 40))
    #expect(ShareLimits.raised([1, 0.05, 0], bounds: bounds) == [1, 0.1, 0.1])
  }

  @Test(
    arguments: [
      ([0.5, 0.5], true), ([0.519, 0.481], true), ([0.521, 0.479], false),
      ([0.545, 0.455], false),
    ])
  func `shares within four percent are left alone`(shares: [Double], isNear: Bool) {
    let band = DeadBand()
    #expect(shares.allSatisfy { band.contains($0, around: 0.5, evidence: 0) } == isNear)
  }

  @Test func `the band is wider below a share`() {
    #expect(DeadBand().contains(0.451, around: 0.5, evidence: 0))
    #expect(!DeadBand().contains(0.449, around: 0.5, evidence: 0))
  }

  /// A tenth of its host is the server's: its share may be off ten times as far.
  @Test func `a share that does little to its host is not worth a write`() {
    let band = DeadBand()
    #expect(!band.contains(0.04, around: 0.03, evidence: 0))
    #expect(band.contains(0.04, around: 0.03, evidence: 0, leverage: 0.1))
    #expect(!band.contains(0.045, around: 0.03, evidence: 0, leverage: 0.1))
    // But half of it is to be there, or nothing would be learned of it.
    #expect(band.contains(0.016, around: 0.03, evidence: 0, leverage: 0.1))
    #expect(!band.contains(0.014, around: 0.03, evidence: 0, leverage: 0.1))
  }

  /// No whole weights are within the band of all of these.
  @Test(arguments: [true, false])
  func `what whole weights cannot express is not tried again and again`(scaleIsFree: Bool) {
    let wanted = [1.3, 1.6, 2.4, 256]
    let rounded = WeightRounding.free(wanted, bounds: .standard).map { Double($0.value) }
    let wishes = zip(wanted, rounded).enumerated().map { index, pair in
      let server = ServerObservation(
        name: ServerName("s\(index)"), state: .up, share: pair.1 / rounded.reduce(0, +),
        requests: nil, container: nil)
      let view = ServerView(server: server, load: .unknown(.noRate), isLongBlind: false)
      return ShareTargets.Wish(view: view, share: pair.0)
    }
    let targets = ShareTargets(
      wishes, drifting: [], elapsed: 10, band: DeadBand(), bounds: .standard,
      scaleIsFree: scaleIsFree)
    #expect(targets.areReached == scaleIsFree)
  }

  /// √(2 ÷ 200) = 0.1, and half as much again where it is calm.
  @Test(
    arguments: [
      (1e9, false, 0.04), (200, false, 0.1), (450, true, 0.1), (30, false, 0.15), (0, false, 0.15),
      (0, true, 0.15),
    ] as [(Double, Bool, Double)])
  func `the band is as wide as the evidence is thin`(
    evidence: Double, isCalm: Bool, width: Double
  ) {
    let band = DeadBand(noise: RequestNoise(), isCalm: isCalm)
    #expect(isNear(band.width(evidence: evidence), width))
    // The others' evidence is their own.
    #expect(isNear(band.width(evidence: 1e9), 0.04))
    #expect(isNear(band.tolerance(evidence: evidence), width * (isCalm ? 0.75 : 0.25)))
  }
}
