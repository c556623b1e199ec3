/// Requests a second that the servers to be levelled take together, smoothed.
struct Demand: Hashable, Codable, Sendable {
  private(set) var perSecond: Double?

  /// - Returns: the demand to plan for.
  mutating func observe(_ arrivals: Double) -> Double {
    let jump = CapacityConstants.demandJump
    guard let before = perSecond, arrivals <= before * jump, arrivals >= before / jump else {
      perSecond = arrivals
      return arrivals
    }
    let smoothed = before + CapacityConstants.demandGain * (arrivals - before)
    perSecond = smoothed
    return smoothed
  }
}
