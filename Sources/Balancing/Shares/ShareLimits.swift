/// What keeps one tick's shares from going too far.
enum ShareLimits {
  /// How much more than it has a server may get in a tick.
  enum Rise: Hashable, Sendable {
    /// Nothing.
    case none
    /// A step beyond the share that it was measured under, or what it had before it was taken away on
    /// purpose, up to a share that is as much as is tried.
    case stepwise(measured: Double = .infinity, before: Double = 0, most: Double = .infinity)
    /// Anything.
    case free
  }

  /// Raises what would fall below the least weight beside the greatest: no server is starved, and
  /// no share is planned that weights cannot express.
  static func raised(_ wanted: [Double], bounds: WeightBounds) -> [Double] {
    let least = (wanted.max() ?? 0) * Double(bounds.minimum) / Double(bounds.maximum)
    return wanted.map { max($0, least) }
  }

  /// The most that each server may get in one tick.
  ///
  /// - Parameters:
  ///   - shares: the shares that stand.
  ///   - rises: one for each.
  static func caps(_ shares: [Double], _ rises: [Rise]) -> [Double] {
    let mean = shares.reduce(0, +) / Double(max(shares.count, 1))
    return zip(shares, rises).map { share, rise in
      switch rise {
      case .none: share
      case .stepwise(let measured, let before, let most):
        max(
          share,
          min(
            most,
            max(
              CapacityConstants.step
                * max(min(share, measured), CapacityConstants.stepFloor * mean),
              before)))
      case .free: .infinity
      }
    }
  }

  /// Scales `wanted` to `total` with no server above its cap: what one may not have goes to the
  /// others, in the relation wanted.
  static func capped(_ wanted: [Double], at caps: [Double], total: Double) -> [Double] {
    var shares = wanted
    var free = Array(wanted.indices)
    var left = total
    while !free.isEmpty {
      let sum = free.reduce(0) { $0 + wanted[$1] }
      for index in free {
        shares[index] = sum > 0 ? wanted[index] / sum * left : left / Double(free.count)
      }
      let within = free.filter { shares[$0] <= caps[$0] }
      if within.count == free.count { return shares }
      for index in free where shares[index] > caps[index] {
        shares[index] = caps[index]
        left -= caps[index]
      }
      free = within
    }
    // All are capped: the total cannot be kept otherwise.
    let sum = shares.reduce(0, +)
    return sum > 0 ? shares.map { $0 / sum * total } : shares
  }
}
