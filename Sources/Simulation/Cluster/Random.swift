internal import Glibc

/// Random numbers that depend on their seed alone (SplitMix64: Steele, Lea, Flood 2014).
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A generator of its own for one part, so that parts do not disturb each other.
  package mutating func split() -> SeededRandom { SeededRandom(seed: next()) }

  /// Above 0, and at most 1.
  package mutating func unit() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }

  /// Of a range over which each doubling is as likely as another.
  package mutating func logUniform(_ low: Double, _ high: Double) -> Double {
    low * pow(high / low, unit())
  }

  package mutating func exponential(rate: Double) -> Double { -log(unit()) / rate }

  /// Mean 0, deviation 1 (Box and Muller 1958).
  package mutating func normal() -> Double {
    (-2 * log(unit())).squareRoot() * cos(2 * .pi * unit())
  }

  /// Mean 1, and the coefficient of variation given (Marsaglia and Tsang 2000).
  package mutating func gamma(variation: Double) -> Double {
    let shape = 1 / (variation * variation)
    // Below 1 the method wants a shape greater by 1, and the result a power of a uniform number.
    let boost = shape < 1 ? pow(unit(), 1 / shape) : 1
    let depth = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
    let scale = 1 / (9 * depth).squareRoot()
    while true {
      let draw = normal()
      let base = 1 + scale * draw
      guard base > 0 else { continue }
      let cube = base * base * base
      if log(unit()) < draw * draw / 2 + depth * (1 - cube + log(cube)) {
        return depth * cube * boost / shape
      }
    }
  }
}

/// A log-normal factor of mean 1.
struct LogNormal: Sendable {
  private let deviation: Double

  /// - Parameter variation: coefficient of variation; 0 makes all draws 1.
  init(variation: Double) { deviation = log(1 + variation * variation).squareRoot() }

  func draw(_ random: inout SeededRandom) -> Double {
    deviation == 0 ? 1 : exp(deviation * random.normal() - deviation * deviation / 2)
  }
}
