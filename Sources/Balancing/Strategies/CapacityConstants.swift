/// The numbers that both strategies rest on, with their reasons.
///
/// They were found by simulation and are not settings: a change of one wants all scenarios run
/// again.
enum CapacityConstants {
  // MARK: Windows

  /// Seconds below which a window's rate is mostly noise: a bit less than from one quick tick to the next,
  /// which are not evenly apart.
  static let shortestWindowSeconds = 0.9
  /// A rate is fresh for this many intervals, and at least for …
  static let freshIntervals = 3.0
  /// … this many seconds: cAdvisor may read an idle container once a minute only.
  static let freshSeconds = 60.0

  // MARK: Memories

  /// Seconds in which most of what is new becomes usual: how long requests stay, what share comes by a
  /// weight, what neighbours do, whether shares follow weights. Between two writes where sessions last, or
  /// follow no weight; before a limit that was seen is tried for the first time, at the most; after a reload,
  /// until its dearer requests are the servers' own.
  static let usualSeconds = 600.0
  /// Seconds that evidence lasts: 1.7 % error of a cost at 25 requests/s that spread by 1.5. What is
  /// unknown, or piles up, for longer is not what it was known for. Counts of requests are kept for as long:
  /// longer than a sample can be late and still be of use.
  static let evidenceSeconds = 300.0
  /// Seconds in which a new rate of requests becomes the usual one, in which none is usual yet, and after
  /// which a window of a few requests is as certain as one of many.
  static let rateSeconds = 60.0

  // MARK: Learning

  /// A change of cost, and of a rate of requests, is judged by as many of the last windows as last so
  /// many seconds. Failures are remembered, and a host that was doubted is doubted, for as long.
  static let recentSeconds = 25.0
  /// A rate that is off the usual one by more than this factor is another one: another operating point of
  /// a server, a step of the demand, a change that a queue may come from …
  static let rateJump = 1.4
  /// … if it is off by so many standard deviations of a Poisson process, too. What is seen seldom is no
  /// chance beyond them, either.
  static let chanceDeviations = 3.0
  /// A change of a cost within this many standard deviations is no news; nor are so many failures.
  static let deviations = 3.5
  /// Requests below which a rate says nothing of an operating point, and a queue cannot be cleared by
  /// withholding some.
  static let activeRequests = 5.0
  /// Requests a second and server below which a backend forgets the slower, the idler it is: in the time of
  /// a usual rate no cost would be known by them.
  static var activePerSecond: Double { fewRequests / rateSeconds }
  /// Requests' worth of belief in the fleet's cost, where the servers' costs differ much …
  static let priorRequests = 20.0
  /// … and where they do not: enough to level equal servers, little enough for one that changes. No past,
  /// and nothing that a peer tells, counts for more.
  static let mostPriorRequests = 2000.0
  /// The standard deviation of a relative cost by what comes and goes at a server, …
  static let swing = 0.3
  /// … in spans of so many seconds. Only what differs beyond that is taken for the server's own cost.
  ///
  /// What differs for less may be such a span, and is no finding: a share that does not follow its weight.
  static let swingSeconds = 10.0
  /// Requests below which an estimate is off by a quarter (at a spread of 1.5): it is not known.
  static let fewRequests = 30.0
  /// Requests that are no accident: so many in flight may be a pile, so many answers on no CPU are a broken
  /// counter, so many make a cost worth a look, of so many some that fail say something, so many windows prove
  /// that a server is that cheap.
  static let noAccident = 10.0
  /// Requests of which chance makes a tenth more or less: enough to judge by, and for learned weights to go
  /// back at once after a reload.
  static let manyRequests = 100.0

  // MARK: Spread of a request's cost

  /// What is assumed before anything is measured (1.4 times the mean, squared).
  static let firstNoise = 2.0
  /// Seconds in which new surprises become what requests are known to differ by.
  static let noiseSeconds = 100.0
  /// Requests that all cost the same are not believed in, nor any that differ more.
  static let noiseRange = 0.25...20.0
  /// Turns the median of a χ² with one degree of freedom into its mean.
  static let medianToMean = 2.2

  // MARK: Levelling

  /// A part below this is as good as none: of a host's cores, of requests that fail, of CPU to spare or
  /// that idles for want of a request, of a limit.
  static let resolution = 0.02
  /// How much worse a fuller host is: by a factor of e for a tenth of it, which is also what makes a move of
  /// neighbours worth a closer look. At 20 what is measured of neighbours that are hardly there makes twice
  /// the writes; at 5 one that is seldom there is trusted to be away too often.
  static let crowdingCost = 10.0
  /// The part of a host that is a move of its neighbours.
  static var neighbourMove: Double { 1 / crowdingCost }
  /// Plans that follow the moment by this part or more go all the way, as far as people care.
  static var fullReach: Double { 1 - widestDeadBand }
  /// Parts of a host above which it is watched, with all that neighbours do on it at times.
  static let watchedHost = 0.7
  /// Seconds below which two counters, each read every second or two, are not set against each other. A
  /// server that began anew is measured for so long until it is as good as its evidence.
  static let comparedSeconds = 3.0
  /// Seconds in which a new demand becomes the one that is planned for.
  static let demandSeconds = 20.0
  /// Limits in force are planned with if they let the demand through at this part or less. A server above
  /// this part of its quota has a queue because of its CPU, which is not reckoned by chance, …
  static let busyServer = 0.9
  /// … and so has one on a host above this part of its cores. What a beginner or a failing server is spared
  /// of must not bring the others above it, or but a little beyond what there is without.
  static let fullHost = 0.95
  /// Intervals of a server's whole CPU that its queue takes, above which clearing it is worth a write,
  /// and below which it is as good as cleared. Between them it is worth another look where samples are late;
  /// and a queue that takes longer to end by itself is braked for where nothing can be seen.
  static let queueIntervals = 0.05...0.12
  /// Where it is calm, times the queue that chance makes: about the longest that it makes in an hour,
  /// as what waits is nearly exponentially distributed.
  static let chanceQueues = 8.0
  /// The same where samples are late, and a queue is what tells of trouble first.
  static var lateChanceQueues: Double { chanceQueues / 2 }
  /// Seconds that are enough to learn by what a change has made of costs, once its rate is the usual one.
  static var calmSeconds: Double { 2 * rateSeconds }
  /// Where it is calm, the dead band in standard deviations of a server's cost: shares come
  /// from several costs, and are looked at hundreds of times an hour.
  static let calmDeviations = 1.5
  /// Samples older than this many intervals tell of trouble later than a queue does.
  static var promptIntervals: Double { freshIntervals / 2 }
  /// Requests in flight that are no queue, and places that no answer explains and that mean nothing.
  static let idleInFlight = 2.0

  // MARK: Steps

  /// What is so many times what it was, or was to be, is another thing: how long requests stay, what peers
  /// tell of costs, a cost that is to be proven, what a limit would be without queues, a look that was wanted
  /// early. Far off what a host has, or what its containers use, a counter is broken; a share far off what its
  /// weight makes does not follow it.
  static let farOff = 2.0
  /// What a share may grow by beside the one that it was measured under: one bad reading cannot more
  /// than double a load.
  static let step = 2.0
  /// A share counts at least as this part of an equal one, so that a starved server can grow: by a step
  /// beyond what it never falls below.
  static var stepFloor: Double { step * floor }
  /// What integers and a minute's noise leave: a deviation below it is not worth a write.
  static let deadBand = 0.04
  /// What a server's utilisation is taken to follow its share by, at least.
  static let leastLeverage = 0.1
  /// The band when evidence is thin.
  static let widestDeadBand = 0.15
  /// The band below a share: a server that has less than it could is no danger. What a pile takes from it
  /// beyond that is more than the others are to have for long. A limit so far below what a server has shown
  /// must be seen twice.
  static let lowerDeadBand = 0.10

  // MARK: Guards

  /// With so many what was a pile remains one: a server that takes seconds for each request has still
  /// a few when it gets next to none. So many also show a limit where the balancer sends less to a
  /// server at which requests wait.
  static let pileInFlight = 4.0
  /// Times its peers' sojourn that make a server one where requests pile up, if it is also far off its own.
  static let vetoFactor = 3.0
  /// Part of a fair share (by limits alone) that no server falls below, so that it always earns
  /// samples.
  static let floor = 0.05

  // MARK: Haste

  /// Quick ticks, ten to an interval, that a start may take at most …
  static let startTicks = 30
  /// … and a server that began anew, neighbours on the move, what may be a queue, a server that is tried, one
  /// of which comes back with each tick at rest, or …
  static var youngTicks: Int { startTicks / 2 }
  /// … a server whose queue is being cleared, or where requests pile up although it is below its due. One
  /// comes back with each tick at rest.
  static let clearingTicks = 120

  // MARK: Servers that cannot be seen

  /// What a blind server with a queue gets of its weight at least, and at most: anything above would
  /// not let the queue shrink at 80 % load.
  static let brakeFactor = 0.25...0.8
  /// Seconds after which a server or host that is no longer there is forgotten.
  static let forgetSeconds = 3600.0
}
