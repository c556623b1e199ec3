/// The numbers by which counters are doubted, with their reasons.
enum DoubtConstants {
  /// CPU seconds that a request takes at the least: the kernel's part of reading it and writing an
  /// answer alone is more.
  static let leastCost = 2e-6
  /// Hardware makes costs differ by a few times at most: beside its peers' …
  static let cheapBesidePeers = 1.0 / 8
  /// … and beside its own past, as other requests make it another for all at once. What got as much dearer
  /// is to be seen twice, and is no longer what it was known for.
  static let cheapBesidePast = 1.0 / 4
  /// The same for a window of few requests, of which chance makes more.
  static let cheapPartOfFew = 1.0 / 16

  // MARK: Proof

  /// A counter that works follows the requests: it moved in so many windows in a row, for as long as
  /// evidence lasts, …
  static let proofWindows = 10
  /// … each time with a cost within this factor of their mean.
  static let proofFactor = 2.0

  // MARK: Hosts

  /// Cores beyond those there are that two counters which are not read at once may show.
  static let hostMargin = 1.15
  /// CPU seconds that it may be off besides.
  static let hostSlackSeconds = 0.5
  /// CPU seconds of our containers below which a host's counter is not held against them.
  static let oursSeconds = 0.2
  /// A host whose counter shows less than this part of what our containers use is not believed.
  static let leastPart = 0.5

  // MARK: What a server was seen to do

  /// A queue this many times the mean one is no chance, …
  static let chanceFactor = 12.0
  /// … for requests whose cost has this squared coefficient of variation.
  static let chanceNoise = 4.0
  /// Seconds that a limit seen stands at most before it is tried whether there is more: each trial that
  /// fails doubles them, and each return of one that was gone, up to `usualSeconds`.
  static let longestTrialSeconds = 28_800.0
  /// How much more is tried in an interval.
  static let trialStep = 1.25

  // MARK: An old process that serves on

  /// Costs that have risen by this factor since a reload, in the middle of all servers, are the old
  /// process's work beside the new one's count.
  static let uncountedFactor = 1.15

  // MARK: Traffic that does not follow weights

  /// Relative deviation of a share, …
  static let followingBand = 0.3
  /// … in standard deviations of as many draws.
  static let followingDeviations = 6.0
  /// Seconds that it must last.
  static let followingSeconds = 10.0
}
