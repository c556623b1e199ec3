/// The numbers by which shares are corrected, with their reasons.
enum ShareConstants {
  /// A share that becomes less than this part of what it was, or as much more, is another one.
  static var sameShare: Double { 1 - CapacityConstants.lowerDeadBand }
  /// What of the dead band is left where shares were seen to be off: what corrects them once is off by
  /// the band's width for good.
  static let correctedBand = 0.6

  // MARK: Whether shares answer

  /// Requests under weights that stand, before they are set against those before; answers before their time
  /// is looked at, as its average is of as many as there were.
  static let epochRequests = 300.0
  /// A share that follows its weight by less than this part is not steered by it.
  static var leastElasticity: Double { 1 / CapacityConstants.farOff }
}
