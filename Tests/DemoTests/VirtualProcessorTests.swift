import Testing

@testable import Demo

struct VirtualProcessorTests {
  @Test func `a request takes its cost over the quota`() {
    var processor = VirtualProcessor(quotaCores: 0.25)
    #expect(processor.accept(costSeconds: 0.5, at: .seconds(10)) == .seconds(12))
  }

  @Test func `requests are worked off in the order in which they came`() {
    var processor = VirtualProcessor(quotaCores: 0.5)
    #expect(processor.accept(costSeconds: 1, at: .seconds(0)) == .seconds(2))
    #expect(processor.accept(costSeconds: 0.25, at: .seconds(1)) == .milliseconds(2500))
    #expect(processor.accept(costSeconds: 0.5, at: .seconds(1)) == .milliseconds(3500))
  }

  @Test func `after a pause the next request begins at once`() {
    var processor = VirtualProcessor(quotaCores: 1)
    _ = processor.accept(costSeconds: 1, at: .zero)
    #expect(processor.accept(costSeconds: 1, at: .seconds(60)) == .seconds(61))
  }

  @Test(arguments: [
    (milliseconds: 0, nanoseconds: 0 as UInt64),
    (1000, 0), (1500, 125_000_000), (2000, 250_000_000), (3000, 500_000_000),
    (3500, 500_000_000), (90_000, 500_000_000),
  ])
  func `the counter grows with time while there is work, and stands still after it`(
    milliseconds: Int, nanoseconds: UInt64
  ) {
    var processor = VirtualProcessor(quotaCores: 0.25)
    if milliseconds >= 1000 {
      _ = processor.accept(costSeconds: 0.2, at: .seconds(1))
      _ = processor.accept(costSeconds: 0.3, at: .seconds(1))
    }
    #expect(processor.cpuNanoseconds(at: .milliseconds(milliseconds)) == nanoseconds)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `the counter never falls and never outruns the quota`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let costs = LogNormal(mean: 0.006, variation: 1)
    var processor = VirtualProcessor(quotaCores: 0.08)
    var now = Duration.zero
    var last: UInt64 = 0
    for _ in 0..<5000 {
      let step = Duration.nanoseconds(Int64.random(in: 0...200_000_000, using: &generator))
      now += step
      if Bool.random(using: &generator) {
        _ = processor.accept(costSeconds: costs.draw(using: &generator), at: now)
      }
      let counter = processor.cpuNanoseconds(at: now)
      #expect(counter >= last, "seed \(seed), at \(now)")
      let most = step / .nanoseconds(1) * 0.08 + 2
      #expect(Double(counter &- last) <= most, "seed \(seed), at \(now)")
      last = counter
    }
  }
}
