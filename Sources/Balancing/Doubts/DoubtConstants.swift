/// The numbers by which counters are doubted, with their reasons.
enum DoubtConstants {
  /// CPU seconds that a request takes at the least: the kernel's part of reading it and writing an
  /// answer alone is more.
  static let leastCost = 2e-6
  /// Answers on no CPU that are no accident of two counters that are not read at the same moment.
  static let stillRequests = 10.0
  /// Answers that make a cost worth a look; it waits until there are more.
  static let suspectRequests = 8.0
  /// Seconds after which a window of a few requests is as certain as one of many.
  static let patientSeconds = 60.0
  /// Seconds after which a window that was not judged begins anew: longer than counts are kept.
  static let longestSeconds = 200.0
  /// Hardware makes costs differ by a few times at most: beside its peers' …
  static let cheapBesidePeers = 1.0 / 8
  /// … and beside its own past, as other requests make it another for all at once.
  static let cheapBesidePast = 1.0 / 4
  /// The same for a window of few requests, of which chance makes more.
  static let cheapPartOfFew = 1.0 / 16
  /// A cost this many times the usual one is to be seen twice.
  static let dearFactor = 4.0
  /// A change by more than this factor is no longer what a server was known for.
  static let newCostFactor = 3.0
  /// Requests from which on a server's own past is known.
  static let pastRequests = 60.0
  /// Requests that the usual cost is remembered for, at most.
  static let usualRequests = 3000.0

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

  /// Above this part of the limit that is known, a queue needs no other reason.
  static let explained = 0.85
  /// Below it, a queue this many times the mean one is no chance, …
  static let chanceFactor = 12.0
  /// … for requests whose cost has this squared coefficient of variation.
  static let chanceNoise = 4.0
  /// Seconds that a limit seen stands at most before it is tried whether there is more: each trial that
  /// fails doubles it.
  static let longestTrialSeconds = 28_800.0
  /// How much more is tried in an interval.
  static let trialStep = 1.25
  /// A limit that was seen is not below this part of the one told: what was measured is not zero.
  static let leastLimit = 0.01

  // MARK: An old process that serves on

  /// Costs that have risen by this factor since a reload, in the middle of all servers, are the old
  /// process's work beside the new one's count.
  static let uncountedFactor = 1.15

  // MARK: Traffic that does not follow weights

  /// Relative deviation of a share, …
  static let followingBand = 0.3
  /// … in standard deviations of as many draws.
  static let followingDeviations = 6.0
  /// Seconds that it must last, …
  static let followingSeconds = 10.0
  /// … and comparisons that it must be seen in.
  static let followingTimes = 2
}
