/// Turns shares into whole weights.
package enum WeightRounding {
  /// Weights of a scale that is free: the one that gives no server much more than its share, among
  /// those that leave none far off it, where there are any.
  ///
  /// Order is kept, and equal shares get equal weights.
  ///
  /// - Parameter shares: in any unit; what is not a positive number counts as 0.
  package static func free(_ shares: [Double], bounds: WeightBounds) -> [Weight] {
    let shares = positive(shares)
    guard let greatest = shares.max(), greatest > 0 else {
      return shares.map { _ in bounds.clamp(Double(bounds.maximum)) }
    }
    let scales = stride(from: bounds.maximum, through: max(bounds.maximum / 2, 1), by: -1)
    // A share below the least weight cannot be had: it is no fault of the scale.
    let possible = ShareLimits.raised(shares, bounds: bounds)
    let sum = possible.reduce(0, +)
    let wanted = possible.map { $0 > 0 ? $0 / sum : nil }
    let heights = shares.map { $0 / greatest }
    var best: (weights: [Weight], error: RoundingError)?
    for top in scales {
      let weights = heights.map { bounds.clamp($0 * Double(top)) }
      let error = RoundingError(of: weights, wanted)
      if best.map({ error.isBetter(than: $0.error) }) ?? true { best = (weights, error) }
    }
    return best?.weights ?? []
  }

  /// Weights that differ from the present ones only where those are off by more than a tolerance.
  ///
  /// The scale is one that leaves the most as they stand: when one server gets less for a while, the
  /// others get more without a write. Order is kept among those that are written.
  ///
  /// - Parameters:
  ///   - shares: in any unit, above 0.
  ///   - tolerances: one for each, relative to the weight.
  /// - Returns: `nil` where no such scale does: too coarse, out of bounds, or most are off.
  static func correcting(
    _ present: [Weight], _ shares: [Double], tolerances: [Double], bounds: WeightBounds
  ) -> [Weight]? {
    // One that is out of bounds is not to be kept.
    let kept = zip(present, tolerances).map { weight, tolerance in
      let slack = Double(weight.value) * tolerance
      return bounds.clamp(Double(weight.value)) == weight && slack > 0
        ? Double(weight.value) - slack...Double(weight.value) + slack : nil
    }
    guard present.count == shares.count, kept.count == shares.count,
      let scale = scale(keepingMost: kept, shares, bounds: bounds)
    else { return nil }
    var weights: [Weight] = []
    for ((weight, range), share) in zip(zip(present, kept), shares) {
      let wanted = share * scale
      if range?.contains(wanted) == true {
        weights.append(weight)
        continue
      }
      let rounded = bounds.clamp(wanted)
      guard isClose(rounded, to: wanted, tolerance: CapacityConstants.deadBand) else { return nil }
      weights.append(rounded)
    }
    let written = zip(weights, present).count { $0 != $1 }
    let top = weights.map(\.value).max() ?? 0
    return 2 * written <= present.count && top >= bounds.maximum / 4 ? weights : nil
  }

  /// The scale at which the most weights are within their ranges, in the middle of where they are;
  /// of several the finest that the bounds allow.
  private static func scale(
    keepingMost ranges: [ClosedRange<Double>?], _ shares: [Double], bounds: WeightBounds
  ) -> Double? {
    let finest = (Double(bounds.maximum) + 0.5) / (shares.max() ?? 0)
    var edges: [(at: Double, kept: Int)] = []
    for (range, share) in zip(ranges, shares) where share > 0 {
      guard let range else { continue }
      edges.append((range.lowerBound / share, 1))
      edges.append((range.upperBound / share, -1))
    }
    edges.sort { ($0.at, $1.kept) < ($1.at, $0.kept) }
    var (kept, most) = (0, 0)
    var best: Double?
    for (edge, next) in zip(edges, edges.dropFirst()) {
      kept += edge.kept
      let scale = min((edge.at + next.at) / 2, finest)
      guard kept >= max(most, 1), scale >= edge.at else { continue }
      (most, best) = (kept, scale)
    }
    return best
  }

  /// Weights whose sum is nearest to `sum`: beside servers that keep theirs there is no free scale.
  ///
  /// Order is kept, and equal shares get equal weights; bounds go before the sum.
  static func keeping(sum: Int, _ shares: [Double], bounds: WeightBounds) -> [Weight] {
    let shares = positive(shares)
    let positives = shares.filter { $0 > 0 }
    guard let smallest = positives.min(), let greatest = positives.max() else {
      let each = Double(sum) / Double(max(shares.count, 1))
      return shares.map { _ in bounds.clamp(each) }
    }
    func weights(_ scale: Double) -> [Weight] { shares.map { bounds.clamp($0 * scale) } }
    func total(_ weights: [Weight]) -> Int { weights.reduce(0) { $0 + $1.value } }
    var lower = 0.5 / greatest
    var upper = 2 * Double(bounds.maximum) / smallest
    // Scales may be many powers of ten apart: halve the exponent's range, not the range.
    while case let middle = lower.squareRoot() * upper.squareRoot(), lower < middle, middle < upper
    {
      if total(weights(middle)) < sum { lower = middle } else { upper = middle }
    }
    let (below, above) = (weights(lower), weights(upper))
    return abs(total(below) - sum) < abs(total(above) - sum) ? below : above
  }

  /// As `keeping`, but `nil` where that is too coarse, or out of bounds.
  static func closelyKeeping(
    sum: Int, _ shares: [Double], bounds: WeightBounds
  ) -> [Weight]? {
    let weights = keeping(sum: sum, shares, bounds: bounds)
    let shareSum = positive(shares).reduce(0, +)
    let areClose = zip(weights, shares).allSatisfy { weight, share in
      isClose(weight, to: share / shareSum * Double(sum), tolerance: CapacityConstants.deadBand)
    }
    return areClose ? weights : nil
  }

  private static func isClose(_ weight: Weight, to wanted: Double, tolerance: Double) -> Bool {
    abs(Double(weight.value) - wanted) <= tolerance * wanted
  }

  private static func positive(_ shares: [Double]) -> [Double] {
    shares.map { $0.isFinite && $0 > 0 ? $0 : 0 }
  }
}

/// How far weights are off the shares that they stand for.
private struct RoundingError {
  /// The largest excess over a share, relative to it.
  private var excess = -1.0
  /// A server short by more than the dead band is not the price for a smaller excess elsewhere.
  private var isClose = true

  /// - Parameter wanted: each server's part of all; `nil` of one that wants nothing.
  init(of weights: [Weight], _ wanted: [Double?]) {
    let sum = Double(weights.reduce(0) { $0 + $1.value })
    for case (let weight, let part?) in zip(weights, wanted) {
      let error = Double(weight.value) / sum / part - 1
      excess = max(excess, error)
      isClose = isClose && abs(error) <= CapacityConstants.deadBand
    }
  }

  func isBetter(than other: RoundingError) -> Bool {
    isClose == other.isClose ? excess < other.excess - Self.nearlyEqual : isClose
  }

  /// Excesses that differ by less are alike; the finer scale is taken then.
  private static let nearlyEqual = 1e-4
}
