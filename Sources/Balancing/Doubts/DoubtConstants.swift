/// The numbers by which counters are doubted, with their reasons.
enum DoubtConstants {
  /// CPU seconds that a request takes at the least: the kernel's part of reading it and writing an
  /// answer alone is more. Nor is it believed if a peer tells it.
  static let leastCost = 2e-6
  /// Beside its own past a cost is not so small a part of what it was, as other requests make it another for
  /// all at once. What got as much dearer is to be seen twice, and is no longer what it was known for.
  static let cheapBesidePast = 1.0 / 4
  /// Hardware makes costs differ by more, but by a few times at most.
  static var cheapBesidePeers: Double { cheapBesidePast / CapacityConstants.farOff }
  /// The same for a window of few requests, of which chance makes more.
  static var cheapPartOfFew: Double { cheapBesidePeers / CapacityConstants.farOff }

  // MARK: Hosts

  /// Cores beyond those there are that two counters which are not read at once may show.
  static var hostMargin: Double { 1 + CapacityConstants.widestDeadBand }
  /// CPU seconds that it may be off besides, and that our containers on it must have used before it is held
  /// against them.
  static let hostSlackSeconds = 0.5

  // MARK: What a server was seen to do

  /// A queue this many times the mean one is no chance, …
  static let chanceFactor = 12.0
  /// … for requests whose cost has this squared coefficient of variation.
  static var chanceNoise: Double { 2 * CapacityConstants.firstNoise }
  /// Seconds that a limit seen stands at most before it is tried whether there is more: each trial that
  /// fails doubles them, and each return of one that was gone, up to `usualSeconds`.
  static let longestTrialSeconds = 28_800.0
  /// How much more is tried in an interval.
  static let trialStep = 1.25

  // MARK: An old process that serves on

  /// Costs that have risen by this factor since a reload, in the middle of all servers, are the old
  /// process's work beside the new one's count.
  static var uncountedFactor: Double { 1 + CapacityConstants.widestDeadBand }

  // MARK: Traffic that does not follow weights

  /// Relative deviation of a share: twice what is worth a write where evidence is thin, …
  static var followingBand: Double { 2 * CapacityConstants.widestDeadBand }
  /// … and twice what chance makes of as many draws, in standard deviations.
  static var followingDeviations: Double { 2 * CapacityConstants.chanceDeviations }
}
