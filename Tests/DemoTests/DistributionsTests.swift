import Testing

@testable import Demo

struct DistributionsTests {
  @Test(arguments: [(mean: 0.004, variation: 1.0), (0.006, 0.5), (2, 0)])
  func `log-normal numbers have the mean and the spread asked for`(
    mean: Double, variation: Double
  ) {
    var generator = SeededGenerator(seed: 7)
    let distribution = LogNormal(mean: mean, variation: variation)
    let numbers = (0..<100_000).map { _ in distribution.draw(using: &generator) }
    let found = numbers.reduce(0, +) / Double(numbers.count)
    let variance =
      numbers.reduce(0) { $0 + ($1 - found) * ($1 - found) } / Double(numbers.count)
    #expect(abs(found / mean - 1) < 0.02)
    #expect(abs(variance.squareRoot() / mean - variation) < 0.05)
    #expect(numbers.allSatisfy { $0 > 0 && $0.isFinite })
  }

  @Test func `gaps between arrivals have the mean asked for`() {
    var generator = SeededGenerator(seed: 7)
    let gaps = Exponential(mean: 0.25)
    let sum = (0..<100_000).reduce(0) { sum, _ in sum + gaps.draw(using: &generator) }
    #expect(abs(sum / 100_000 / 0.25 - 1) < 0.02)
  }

  @Test func `the generator gives SplitMix64's published numbers`() {
    var generator = SeededGenerator(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }
}
