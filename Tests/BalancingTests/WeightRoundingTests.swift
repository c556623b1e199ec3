import TestSupport
import Testing

@testable import Balancing

/// Whole weights.
@Suite struct WeightRoundingTests {
  @Test(
    arguments: [
      ([1.0, 1, 1], [256, 256, 256]),
      ([2.0, 1], [256, 128]),
      ([7.0], [256]),
      ([1.0, 0], [256, 1]),
      ([0.0, 0], [256, 256]),
      ([.nan, 1], [1, 256]),
      ([], []),
    ])
  func `shares become weights`(shares: [Double], weights: [Int]) {
    #expect(WeightRounding.free(shares, bounds: .standard).map(\.value) == weights)
  }

  /// 1:3 in weights up to 10: 10 and 3 give the small server 3 ÷ 13 of the traffic, not a quarter,
  /// and the great one 2.6 % too much; 9 and 3 are exact.
  @Test func `the scale is the one that fits`() throws {
    let bounds = try #require(WeightBounds(minimum: 1, maximum: 10))
    #expect(WeightRounding.free([3, 1], bounds: bounds).map(\.value) == [9, 3])
  }

  @Test func `weights stay within their bounds and keep the order`() throws {
    try forAllSeeds(100) { generator in
      let bounds = try generator.bounds()
      let shares = generator.shares(spread: 1e4)
      let sum = generator.whole(1...2000)
      for weights in [
        WeightRounding.free(shares, bounds: bounds),
        WeightRounding.keeping(sum: sum, shares, bounds: bounds),
      ] {
        try require(weights.count == shares.count, "\(weights)")
        for (weight, share) in zip(weights, shares) {
          try require(
            (bounds.minimum...bounds.maximum).contains(weight.value), "\(weight) for \(bounds)")
          for (otherWeight, otherShare) in zip(weights, shares) where share >= otherShare {
            try require(weight >= otherWeight, "\(shares) became \(weights)")
          }
        }
      }
    }
  }

  @Test func `up to sixteen to one no share is off by more than four percent`() throws {
    try forAllSeeds(1000) { generator in
      let shares = generator.shares(spread: 16)
      let weights = WeightRounding.free(shares, bounds: .standard).map { Double($0.value) }
      for (weight, share) in zip(weights, shares) {
        let error = weight / weights.reduce(0, +) / (share / shares.reduce(0, +)) - 1
        try require(abs(error) <= 0.04, "off by \(error): \(shares) became \(weights)")
      }
    }
  }

  @Test func `equal shares get equal weights`() throws {
    try forAllSeeds(100) { generator in
      let bounds = try generator.bounds()
      let share = generator.magnitude(1e-6, 1e6)
      let shares = Array(repeating: share, count: generator.whole(1...20)) + [share * 3]
      for weights in [
        WeightRounding.free(shares, bounds: bounds),
        WeightRounding.keeping(sum: generator.whole(1...2000), shares, bounds: bounds),
      ] {
        try require(Set(weights.dropLast()).count == 1, "\(weights)")
      }
    }
  }

  @Test func `a sum that is to be kept is kept but for rounding`() throws {
    try forAllSeeds(100) { generator in
      let shares = generator.shares(spread: 10)
      // Between weights that all are at a bound there is room for any sum.
      let sum = generator.whole((shares.count * 10)...(shares.count * 25))
      let weights = WeightRounding.keeping(sum: sum, shares, bounds: .standard)
      let total = weights.reduce(0) { $0 + $1.value }
      try require(abs(total - sum) <= (shares.count + 1) / 2, "\(total), not \(sum)")
    }
  }

  @Test func `a sum beyond the bounds gives way to them`() throws {
    let bounds = try #require(WeightBounds(minimum: 4, maximum: 8))
    #expect(WeightRounding.keeping(sum: 100, [1, 2], bounds: bounds).map(\.value) == [8, 8])
    #expect(WeightRounding.keeping(sum: 1, [1, 2], bounds: bounds).map(\.value) == [4, 4])
    #expect(WeightRounding.keeping(sum: 9, [], bounds: bounds).isEmpty)
    #expect(WeightRounding.keeping(sum: 12, [0, 0], bounds: bounds).map(\.value) == [6, 6])
  }
}

extension SeededGenerator {
  fileprivate mutating func bounds() throws -> WeightBounds {
    let minimum = whole(1...20)
    return try unwrap(WeightBounds(minimum: minimum, maximum: whole(minimum...256)))
  }

  /// One to twenty, the greatest at most `spread` times the least.
  fileprivate mutating func shares(spread: Double) -> [Double] {
    let least = magnitude(1e-3, 1e3)
    return (0..<whole(1...20)).map { _ in magnitude(least, least * spread) }
  }
}
