import Glibc
import Testing

@testable import Balancing

/// When a queue is chance, and how long one that is chance may be.
@Suite struct SteadinessTests {
  private func calm(_ changes: [(Double, [ServerName], Double, Bool)]) -> Steadiness {
    var calm = Steadiness()
    for (seconds, servers, demand, isSettling) in changes {
      calm.observe(servers, demand: demand, isSettling: isSettling, at: at(seconds))
    }
    return calm
  }

  @Test func `it lasts from two minutes after the last change on`() {
    let steady = calm([(0, ["a", "b"], 100, false), (100, ["a", "b"], 110, false)])
    #expect(!steady.lasts(at: at(120)))
    #expect(steady.lasts(at: at(121)))
    #expect(!Steadiness().lasts(at: at(1e6)))
  }

  @Test(
    arguments: [
      (["a"], 100.0, false), (["a", "b", "c"], 100, false), (["a", "b"], 160, false),
      (["a", "b"], 62, false), (["a", "b"], 100, true),
    ] as [([ServerName], Double, Bool)])
  func `servers that change, another demand and one that settles end it`(
    servers: [ServerName], demand: Double, isSettling: Bool
  ) {
    let changed = calm([(0, ["a", "b"], 100, false), (200, servers, demand, isSettling)])
    #expect(!changed.lasts(at: at(320)))
    #expect(changed.lasts(at: at(321)))
  }

  @Test func `a burst is no news, and a demand that has doubled for a minute is`() {
    func calm(burst seconds: Int) -> Steadiness {
      var calm = Steadiness()
      for second in 0..<(200 + seconds) {
        calm.observe(
          ["a"], demand: second < 200 ? 100 : 200, isSettling: false, at: at(Double(second)))
      }
      return calm
    }
    #expect(calm(burst: 20).lasts(at: at(250)))
    #expect(!calm(burst: 60).lasts(at: at(300)))
  }

  @Test func `a demand that creeps is measured against what it was at the last change`() {
    var calm = Steadiness()
    for step in 0..<60 {
      calm.observe(["a"], demand: 100 + Double(step), isSettling: false, at: at(Double(step * 30)))
    }
    // What counts is one or two steps behind, so that it is beyond 140 % of the first 42 steps on.
    #expect(!calm.lasts(at: at(42 * 30 + 120)))
    #expect(calm.lasts(at: at(42 * 30 + 121)))
  }

  @Test func `the queue of chance is Pollaczek's and Khinchine's`() {
    func queue(_ utilisation: Double, squared: Double) -> Double {
      var noise = RequestNoise()
      for _ in 0..<2000 {
        noise.observe([squared / CapacityConstants.medianToMean], over: 10)
      }
      return ChanceQueue.meanIntervals(
        utilisation: utilisation, noise: noise, serviceSeconds: 0.1, interval: 10)
    }
    // M/M/1 at half load: one request waits and is served for as long as a service takes.
    #expect(abs(queue(0.5, squared: 1) - 0.01) < 1e-6)
    #expect(queue(0.8, squared: 1) > queue(0.5, squared: 1))
    #expect(queue(0.5, squared: 4) > queue(0.5, squared: 1))
    #expect(queue(0, squared: 1) == 0)
    #expect(queue(2, squared: 1) == queue(0.9, squared: 1))
  }

  @Test(arguments: [0.1, 0.5, 0.8, 0.9]) func `before several lanes it is Sakasegawa's`(
    utilisation: Double
  ) {
    func services(_ lanes: Int, squared: Double = 0) -> Double {
      ChanceQueue.services(utilisation: utilisation, squared: squared, lanes: lanes)
    }
    // One lane is one server; of two the power is √6 − 1.
    #expect(isNear(services(1, squared: 1), utilisation / (1 - utilisation)))
    let power = Double(6).squareRoot() - 1
    #expect(isNear(services(2), pow(utilisation, power) / (4 * (1 - utilisation))))
    #expect(services(8) < services(2) && services(2) < services(1))
    #expect(services(2, squared: 3) == 4 * services(2))
  }

  @Test func `a multiple of it is as long at every load, and nothing waits where nothing is done`()
  {
    func services(_ utilisation: Double, times factor: Double) -> Double {
      ChanceQueue.services(utilisation: utilisation, squared: 4, times: factor)
    }
    for load in [0.3, 0.6, 0.9, 2] {
      #expect(isNear(services(load, times: 12), 12 * services(load, times: 1)))
    }
    #expect(services(0, times: 12) == 0 && services(-1, times: 12) == 0)
  }

  @Test func `what is nearly a queue is in doubt until it is one or gone`() {
    var queue = QueueClearing()
    queue.observe(intervals: 0.04, share: 0.2)
    #expect(!queue.isDoubtful)
    queue.observe(intervals: 0.06, share: 0.2)
    #expect(queue.isDoubtful)
    queue.observe(intervals: 0.13, share: 0.2)
    #expect(queue.isUnderWay && !queue.isDoubtful)
    queue.observe(intervals: 0, share: 0.2)
    #expect(!queue.isDoubtful)
    // Where chance makes longer ones, it takes more.
    queue.observe(intervals: 0.1, byChance: 0.5, share: 0.2)
    #expect(!queue.isDoubtful)
    queue.observe(intervals: 0.25, byChance: 0.5, share: 0.2)
    #expect(queue.isDoubtful)
  }

  @Test func `a queue within chance does not begin to be cleared, and one under way ends sooner`() {
    var queue = QueueClearing()
    queue.observe(intervals: 0.3, byChance: 0.5, share: 0.2)
    #expect(!queue.isUnderWay)
    queue.observe(intervals: 0.6, byChance: 0.5, share: 0.2)
    #expect(queue.isUnderWay)
    queue.observe(intervals: 0.3, byChance: 0.5, share: 0.1)
    #expect(queue.isUnderWay)
    queue.observe(intervals: 0.2, byChance: 0.5, share: 0.1)
    #expect(!queue.isUnderWay)
    // After a change every queue counts again.
    queue.observe(intervals: 0.2, share: 0.1)
    #expect(queue.isUnderWay)
  }
}
