import Testing

@testable import Balancing

/// The shares that a server had of late.
@Suite struct ShareHistoryTests {
  private static func history(_ standings: [(Double, Double)]) -> ShareHistory {
    var history = ShareHistory()
    for (seconds, share) in standings { history.note(share, at: at(seconds)) }
    return history
  }

  @Test func `what stood while it was measured is what counts`() {
    let history = Self.history([(0, 0.1), (10, 0.1), (20, 0.4), (30, 0.2)])
    #expect(history.most(from: at(5), to: at(15)) == 0.1)
    #expect(history.most(from: at(15), to: at(25)) == 0.4)
    #expect(history.most(from: at(35), to: at(45)) == 0.2)
    #expect(ShareHistory().most(from: at(0), to: at(1)) == nil)
  }

  @Test func `it grows no longer than it is of use`() {
    let many = Self.history((0..<1000).map { (Double($0), Double($0 % 7) / 10) })
    #expect(many.most(from: at(0), to: at(999)) == 0.6)
    #expect(many.most(from: at(0), to: at(1)) == nil)
  }

  @Test func `quick ticks on one measurement double a share once`() {
    // It had a tenth when it was measured, and has two tenths already.
    #expect(ShareLimits.caps([0.2, 0.8], [.stepwise(measured: 0.1), .stepwise()])[0] == 0.2)
    #expect(ShareLimits.caps([0.1, 0.9], [.stepwise(measured: 0.1), .stepwise()])[0] == 0.2)
    // What it has lost since it does not get back twofold.
    #expect(ShareLimits.caps([0.1, 0.9], [.stepwise(measured: 0.4), .stepwise()])[0] == 0.2)
  }
}
