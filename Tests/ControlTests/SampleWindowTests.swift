import Balancing
import Control
import TestSupport
import Testing

/// Samples that their successors contradict.
@Suite struct SampleWindowTests {
  private static func sample(_ seconds: Double, _ cpu: Double) -> CPUSample {
    CPUSample(
      timestamp: Timestamp(nanoseconds: 1_700_000_000_000_000_000).advanced(bySeconds: seconds),
      cpuNanoseconds: UInt64(cpu * 1e9))
  }

  private static func window(
    _ samples: [(Double, Double)], atMost cores: Double? = 0.5
  ) -> [CPUSample] {
    var window = SampleWindow()
    for (seconds, cpu) in samples { window.add(sample(seconds, cpu), atMost: cores) }
    return window.samples
  }

  @Test(arguments: [1.73e9, 130.0, 0.0, 60.0])
  func `one reading that is wrong is thrown away`(wrong: Double) {
    let samples = Self.window([(0, 100), (10, 102), (20, wrong), (30, 106), (40, 108)])
    #expect(
      samples == [
        Self.sample(0, 100), Self.sample(10, 102), Self.sample(30, 106),
        .init(
          timestamp: Self.sample(40, 0).timestamp, cpuNanoseconds: 108_000_000_000),
      ])
  }

  @Test(arguments: [1, 3, 64]) func `the newest are kept, in little more room than they need`(
    most: Int
  ) {
    var window = SampleWindow()
    for second in 0..<100 {
      window.add(Self.sample(Double(second), Double(second) / 4), keeping: most)
    }
    let newest = (100 - most..<100).map { Self.sample(Double($0), Double($0) / 4) }
    #expect(window.samples == newest)
    #expect(window.samples.capacity <= 2 * most + 2)
  }

  @Test func `samples of ticks that are minutes apart are kept for some of these`() {
    var window = SampleWindow()
    for minute in [0.0, 10, 20, 30, 40] {
      window.add(Self.sample(60 * minute, minute), for: 1800)
    }
    #expect(window.samples.first == Self.sample(600, 10))
  }

  @Test func `while a reading is doubted nothing is told`() {
    #expect(Self.window([(0, 100), (10, 102), (20, 0)]).count == 2)
    #expect(Self.window([(0, 100), (10, 102), (20, 500)]).count == 2)
  }

  @Test func `a spike within what a host can do is taken back`() {
    let samples = Self.window([(0, 100), (10, 102), (20, 124), (30, 106)], atMost: 4)
    #expect(samples == [Self.sample(0, 100), Self.sample(10, 102), Self.sample(30, 106)])
  }

  @Test func `a restart is one as soon as its counter goes on`() {
    let samples = Self.window([(0, 100), (10, 102), (20, 0.03), (30, 2)])
    #expect(samples.suffix(2) == [Self.sample(20, 0.03), Self.sample(30, 2)])
    #expect(samples.count == 4)
  }

  @Test func `a counter that goes on from where it leapt to is believed`() {
    let samples = Self.window([(0, 100), (10, 102), (20, 140), (30, 142), (40, 144)])
    #expect(samples.map(\.cpuNanoseconds).last == 144_000_000_000)
    #expect(samples.count == 5)
  }

  @Test func `a young counter that falls is taken for a restart`() {
    // It could have begun anew and be where it is: in doubt its server is spared.
    let samples = Self.window([(0, 1), (10, 3), (20, 0), (30, 4)])
    #expect(samples.suffix(2) == [Self.sample(20, 0), Self.sample(30, 4)])
  }

  @Test(arguments: 0..<200)
  func `whatever one reading in ten shows, the others tell the rate`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var window = SampleWindow()
    var cpu = 1000.0
    var isOdd = true
    for tick in 0..<60 {
      cpu += Double.random(in: 0...5, using: &random)
      isOdd = !isOdd && Int.random(in: 0..<10, using: &random) == 0
      let shown = isOdd ? Double.random(in: 0...4000, using: &random) : cpu
      window.add(Self.sample(Double(tick) * 10, shown), atMost: 0.5)
    }
    if isOdd { window.add(Self.sample(600, cpu), atMost: 0.5) }
    let run = window.samples
    #expect(run.count >= 10)
    #expect(zip(run, run.dropFirst()).allSatisfy { $1.cpuNanoseconds >= $0.cpuNanoseconds })
  }
}
