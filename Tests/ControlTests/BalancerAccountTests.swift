import Balancing
import Testing

@testable import Control

/// What one look at one balancer comes to.
@Suite struct BalancerAccountTests {
  /// A balancer with one server, looked at after so many seconds.
  private struct Balancer {
    var account = BalancerAccount()
    var isPeer = false
    var before: Double?

    private mutating func look(_ seconds: Double, isReplaced: Bool, readByPeerAt: Double? = nil)
      -> BalancerAccount.Look
    {
      defer { before = seconds }
      return BalancerAccount.Look(
        at: at(seconds), before: before.map(at), patienceSeconds: 35, isPeer: isPeer,
        isReplaced: isReplaced, readByPeerAt: isPeer ? at(readByPeerAt ?? seconds) : nil)
    }

    mutating func counted(
      _ seconds: Double, _ count: Double, done: Double? = nil, isBelieved: Bool = true,
      isReplaced: Bool = false
    ) -> BalancerAccount.Outcome {
      let counters = RequestCounters(arrived: count, done: done ?? count, inFlight: 0)
      return account.counted(
        ["s1": RequestLedger.Reading(counters, areTotalsBelieved: isBelieved)],
        look(seconds, isReplaced: isReplaced))
    }

    mutating func silent(_ seconds: Double, others: Double = 0) -> BalancerAccount.Outcome {
      account.silent(look(seconds, isReplaced: false), others: others)
    }

    mutating func repeated(_ seconds: Double, readByPeerAt: Double) -> BalancerAccount.Outcome {
      account.repeated(look(seconds, isReplaced: false, readByPeerAt: readByPeerAt))
    }

    func isRepeated(_ seconds: Double, readByPeerAt: Double, isReplaced: Bool = false) -> Bool {
      var balancer = self
      let look = balancer.look(seconds, isReplaced: isReplaced, readByPeerAt: readByPeerAt)
      return account.isRepeated(look)
    }
  }

  /// One with five requests a second, looked at at 0 and 10 s.
  private static func own() -> Balancer {
    var balancer = Balancer()
    _ = balancer.counted(0, 100)
    _ = balancer.counted(10, 150)
    return balancer
  }

  /// A peer's with seventy requests a second, looked at at 0 and 10 s.
  private static func peer() -> Balancer {
    var balancer = Balancer(isPeer: true)
    _ = balancer.counted(0, 0)
    _ = balancer.counted(10, 700)
    return balancer
  }

  // MARK: Our own

  @Test func `what is counted is the difference of two looks`() {
    var balancer = Balancer()
    let first = balancer.counted(0, 100)
    #expect(first.growth.isEmpty && first.perSecond == nil && first.begunAnew.isEmpty)
    #expect(balancer.account.recentArrivals == nil && balancer.account.rates == nil)
    let second = balancer.counted(10, 150)
    #expect(second.growth.map { $0.by.arrived } == [50])
    #expect(second.perSecond == 5)
    #expect(balancer.account.recentArrivals == 50 && balancer.account.rates == ["s1": 5])
  }

  @Test func `a server begins anew where its attempts fall, and not where answers step back`() {
    var balancer = Self.own()
    let stepped = balancer.counted(20, 150, done: 149)
    #expect(stepped.begunAnew.isEmpty && stepped.growth.map { $0.by.done } == [0])
    let fallen = balancer.counted(30, 20)
    #expect(fallen.begunAnew == ["s1"] && fallen.growth.isEmpty && !fallen.beginsAnew)
  }

  @Test func `totals that are not believed are a gap, on both of its sides`() {
    var balancer = Self.own()
    let gap = balancer.counted(20, -4, isBelieved: false)
    #expect(gap.begunAnew == ["s1"] && gap.growth.isEmpty)
    let still = balancer.counted(30, -4, isBelieved: false)
    #expect(still.begunAnew.isEmpty && still.growth.isEmpty)
    let after = balancer.counted(40, 300)
    #expect(after.begunAnew == ["s1"] && after.growth.isEmpty)
  }

  @Test func `with a new process all begin anew, and its demand is what it was`() {
    var balancer = Self.own()
    let outcome = balancer.counted(20, 9000, isReplaced: true)
    #expect(outcome.beginsAnew && outcome.growth.isEmpty && !outcome.hasStandIns)
    #expect(balancer.account.recentArrivals == 50)
  }

  @Test func `its work is unknown while it is silent, and comes at once when it is back`() {
    var balancer = Self.own()
    #expect(!balancer.silent(20).isKnown)
    #expect(balancer.account.recentArrivals == nil)
    let back = balancer.counted(30, 250)
    #expect(back.growth.map { $0.by.arrived } == [100])
    // A tick's part of it.
    #expect(balancer.account.recentArrivals == 50)
    #expect(back.perSecond == 5)
  }

  @Test func `it is given up after its time, and no sooner than at the third look in vain`() {
    var balancer = Self.own()
    #expect(!balancer.silent(100).isKnown)
    #expect(!balancer.silent(110).isKnown)
    #expect(balancer.silent(120).isKnown)
    #expect(balancer.counted(130, 900).growth.isEmpty)
  }

  @Test func `a server whose name is another's is counted from where that begins`() {
    var balancer = Self.own()
    balancer.account.forget("s1")
    #expect(balancer.counted(20, 9000).growth.isEmpty)
    #expect(balancer.counted(30, 9010).growth.map { $0.by.arrived } == [10])
  }

  // MARK: A peer's

  @Test func `while a peer is silent its demand stands`() {
    var balancer = Self.peer()
    for (seconds, requests) in [(20.0, 700.0), (25, 350)] {
      let outcome = balancer.silent(seconds)
      #expect(outcome.isKnown && outcome.hasStandIns && outcome.growth.isEmpty)
      #expect(outcome.standIns.map { $0.requests } == [requests])
      #expect(balancer.account.recentArrivals == requests)
    }
    // Until its traffic has come over.
    let gone = balancer.silent(30, others: 100)
    #expect(gone.isKnown && !gone.hasStandIns && gone.standIns.isEmpty)
    #expect(balancer.counted(40, 2800).growth.isEmpty)
  }

  @Test func `the others' demand is held against what it was`() {
    var balancer = Self.peer()
    balancer.account.note(othersPerSecond: 90, at: at(10))
    #expect(balancer.silent(20, others: 100).hasStandIns)
    // Of another moment it is nothing to hold against.
    balancer.account.note(othersPerSecond: 0, at: at(20))
    #expect(balancer.silent(30, others: 100).hasStandIns)
  }

  @Test(arguments: [(2100.0, 700.0), (1300, 0)])
  func `what stood is not counted again, even if it was too much`(count: Double, more: Double) {
    var balancer = Self.peer()
    _ = balancer.silent(20)
    let back = balancer.counted(30, count)
    #expect(back.growth.map { $0.by.arrived } == [more])
    #expect(back.hasStandIns)
    #expect(!balancer.counted(40, count + 700).hasStandIns)
  }

  @Test func `what a peer tells again is known by when it had read it`() {
    let balancer = Self.peer()
    #expect(balancer.isRepeated(11, readByPeerAt: 10))
    #expect(balancer.isRepeated(11, readByPeerAt: 10.3))
    #expect(!balancer.isRepeated(11, readByPeerAt: 10.5))
    #expect(!balancer.isRepeated(11, readByPeerAt: 10, isReplaced: true))
    #expect(!Balancer(isPeer: true).isRepeated(11, readByPeerAt: 10))
  }

  @Test func `between two of a peer's looks its demand stands`() {
    var balancer = Self.peer()
    let outcome = balancer.repeated(15, readByPeerAt: 10)
    #expect(outcome.standIns.map { $0.requests } == [350])
    #expect(outcome.hasStandIns && outcome.perSecond == 70)
  }

  @Test func `over a new process of a peer's its demand stands, and nothing begins anew`() {
    var balancer = Self.peer()
    let outcome = balancer.counted(20, 5, isReplaced: true)
    #expect(!outcome.beginsAnew && outcome.hasStandIns && outcome.growth.isEmpty)
    #expect(outcome.standIns.map { $0.requests } == [700])
    #expect(balancer.account.recentArrivals == 700)
  }
}
