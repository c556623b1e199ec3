internal import Simulation

/// The simulation's generator, with what property tests draw.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var random: SeededRandom

  package init(seed: UInt64) { random = SeededRandom(seed: seed) }

  package mutating func next() -> UInt64 { random.next() }

  /// A number between the two, evenly.
  package mutating func number(_ least: Double, _ most: Double) -> Double {
    Double.random(in: least...most, using: &self)
  }

  /// A number between the two, both above 0, evenly over orders of magnitude.
  package mutating func magnitude(_ least: Double, _ most: Double) -> Double {
    var value = least
    // Halves the range of exponents bit by bit: no logarithm is needed.
    var (lower, upper) = (least, most)
    for _ in 0..<30 {
      let middle = (lower * upper).squareRoot()
      if Bool.random(using: &self) { lower = middle } else { upper = middle }
      value = lower
    }
    return value
  }

  package mutating func whole(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// True in this part of all cases.
  package mutating func chance(_ part: Double) -> Bool { number(0, 1) < part }
}

/// A seed under which a property does not hold, and what was seen.
package struct PropertyFailure: Error, CustomStringConvertible {
  package let seed: UInt64
  package let underlying: any Error

  package var description: String { "with seed \(seed): \(underlying)" }
}

/// Why a property does not hold.
package struct Broken: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Tries a property with many seeds.
///
/// - Throws: `PropertyFailure` with the first seed under which `property` throws.
package func forAllSeeds(
  _ count: UInt64, from first: UInt64 = 1,
  _ property: (inout SeededGenerator) throws -> Void
) throws {
  for seed in first..<(first + count) {
    var generator = SeededGenerator(seed: seed)
    do {
      try property(&generator)
    } catch {
      throw PropertyFailure(seed: seed, underlying: error)
    }
  }
}

/// Throws unless the condition holds.
package func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws {
  if !holds { throw Broken(otherwise()) }
}
