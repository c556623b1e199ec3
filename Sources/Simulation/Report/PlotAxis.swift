/// A scale from values to pixels, with ticks at round numbers.
struct PlotAxis {
  var values: ClosedRange<Double>
  /// Where the first and the last value are.
  var pixels: (first: Double, last: Double)
  var ticks: [Double]

  /// - Parameter count: about so many ticks, at a step of 1, 2 or 5 times a power of ten.
  init(upTo maximum: Double, pixels: (first: Double, last: Double), ticks count: Int) {
    let maximum = maximum.isFinite && maximum > 0 ? maximum : 1
    values = 0...maximum
    self.pixels = pixels
    let step = Self.step(atLeast: maximum / Double(max(count, 1)))
    ticks = Array(stride(from: 0, through: maximum * 1.000_001, by: step))
  }

  func pixel(_ value: Double) -> Double {
    let inside = min(max(value, values.lowerBound), values.upperBound)
    return pixels.first + inside / values.upperBound * (pixels.last - pixels.first)
  }

  /// The least round number from `least` on.
  static func step(atLeast least: Double) -> Double {
    var power = 1.0
    while power * 10 <= least { power *= 10 }
    while power > least, power > 1e-9 { power /= 10 }
    return [1, 2, 5].map { $0 * power }.first { $0 >= least } ?? 10 * power
  }
}
