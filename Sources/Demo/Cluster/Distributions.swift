import Glibc

/// Positive numbers with a long tail, as the costs of requests have.
struct LogNormal: Sendable {
  private let logMean: Double
  private let logDeviation: Double

  /// - Parameters:
  ///   - mean: the mean of the numbers drawn, above 0.
  ///   - variation: their standard deviation over that mean.
  init(mean: Double, variation: Double) {
    let logVariance = log(1 + variation * variation)
    logMean = log(mean) - logVariance / 2
    logDeviation = logVariance.squareRoot()
  }

  func draw(using generator: inout some RandomNumberGenerator) -> Double {
    // Box and Muller's transform of two uniform numbers into a normal one.
    let radius = (-2 * log(Double.random(in: .leastNormalMagnitude..<1, using: &generator)))
      .squareRoot()
    let angle = 2 * Double.pi * Double.random(in: 0..<1, using: &generator)
    return exp(logMean + logDeviation * radius * cos(angle))
  }
}

/// The gaps between arrivals that know nothing of each other.
struct Exponential: Sendable {
  /// The mean gap.
  let mean: Double

  func draw(using generator: inout some RandomNumberGenerator) -> Double {
    -mean * log(Double.random(in: .leastNormalMagnitude..<1, using: &generator))
  }
}
