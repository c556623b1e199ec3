/// The numbers by which shares are corrected, with their reasons.
enum ShareConstants {
  /// A share that becomes less than this part of what it was, or as much more, is another one.
  static let sameShare = 0.9
  /// The most that a weight is corrected by, either way: beyond, it is not the weight that decides.
  static let range = 0.5...2.0
  /// What of the dead band is left where shares were seen to be off: what corrects them once is off by
  /// the band's width for good.
  static let correctedBand = 0.6

  // MARK: Whether shares answer

  /// Requests under weights that stand, before they are set against those before.
  static let epochRequests = 300.0
  /// What of earlier changes counts beside a new one.
  static let epochMemory = 0.7
  /// A share that follows its weight by less than this part is not steered by it …
  static let leastElasticity = 0.5
  /// … and is again by more than this one …
  static let enoughElasticity = 0.7
}
