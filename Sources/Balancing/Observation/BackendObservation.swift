/// All that a strategy sees of one backend in one tick.
package struct BackendObservation: Sendable {
  /// evenkeel's clock when the balancers were read.
  package var now: Timestamp
  /// Seconds between ticks, as configured.
  package var intervalSeconds: Double
  /// Seconds between ticks while a plan wants `NextTick.watching`: an interval at most.
  package var watchSeconds: Double
  /// How HAProxy hands out requests.
  package var discipline: Discipline
  /// Every server of the backend, in HAProxy's order.
  package var servers: [ServerObservation]
  /// The hosts that its servers' containers run on.
  package var hosts: [HostName: HostObservation]
  /// When evenkeel last wrote a weight of this backend.
  package var lastWrite: Timestamp?
  /// When a balancer's process was replaced last: the old one may serve on, uncounted.
  package var reloadedAt: Timestamp?
  /// The weights that may be written: they limit how far apart two shares can be.
  package var bounds: WeightBounds
  /// Whether some of the requests came under weights that others changed meanwhile, or only stand for what
  /// is not known: no share of them is held against a weight.
  package var mixesWeights = false

  /// How HAProxy hands out requests, as far as it changes what a weight means.
  package enum Discipline: String, Hashable, Codable, Sendable {
    /// By weight alone: a weight is a request rate (`roundrobin`, consistent hashes).
    case rate
    /// To that of some servers, drawn by weight, which has the fewest requests in flight for its weight
    /// (`random(n)`): a weight is a request rate while all are as quick as ever.
    case drawn
    /// By what is in flight over weight (`leastconn`): the balancer empties queues itself.
    case inFlight

    /// Whether a weight is a share of the requests, and not of what is in flight.
    var isByRate: Bool { self != .inFlight }
  }

  package init(
    now: Timestamp, intervalSeconds: Double, discipline: Discipline, servers: [ServerObservation],
    hosts: [HostName: HostObservation], lastWrite: Timestamp?, bounds: WeightBounds = .standard
  ) {
    self.now = now
    self.intervalSeconds = intervalSeconds
    watchSeconds = intervalSeconds
    self.discipline = discipline
    self.servers = servers
    self.hosts = hosts
    self.lastWrite = lastWrite
    self.bounds = bounds
  }
}

/// One server of a backend in one tick.
package struct ServerObservation: Sendable {
  package var name: ServerName
  package var state: ServerState
  /// Set when the weight must stay as it is for a reason that is not the strategy's to judge.
  package var isHeld: Bool
  /// Its share of the backend's traffic under the weights that stand: 0…1, over all serving servers.
  package var share: Double
  /// That over its share of the weights: 1 where requests follow weights in proportion.
  package var response = 1.0
  /// The same under the weights of HAProxy's configuration; `nil` where these are not known.
  package var configuredShare: Double?
  /// Whether evenkeel wrote the weight that stands.
  package var weightIsOurs: Bool
  /// What HAProxy counted, summed over the balancers; `nil` when one could not be read.
  package var requests: RequestCounters?
  /// All that its container was counted to do, for other backends too; `nil` when that is not known.
  package var work: RequestCounters?
  /// Requests in flight that wait in the balancer; `nil` where that is not told.
  package var queued: Double?
  /// Until an answer begins, on average of many; `nil` where it is not measured.
  package var responseSeconds: Double?
  /// How many requests it may have at a time, over all balancers; `nil` where one sets no limit.
  package var limit: Double?
  /// Its container; `nil` when none is matched.
  package var container: ContainerObservation?
  /// Why its CPU counter is not believed; `nil` while it is.
  package var doubt: Doubt?

  package init(
    name: ServerName, state: ServerState, isHeld: Bool = false, share: Double,
    weightIsOurs: Bool = true, requests: RequestCounters?, container: ContainerObservation?
  ) {
    self.name = name
    self.state = state
    self.isHeld = isHeld
    self.share = share
    self.weightIsOurs = weightIsOurs
    self.requests = requests
    work = requests
    self.container = container
  }
}

/// Running totals that never go back but when a server's counting begins anew: then all of its totals
/// do, and no difference may be taken across that.
package struct RequestCounters: Hashable, Codable, Sendable {
  /// Requests that came to the server and stayed with it: one that it failed and another server got
  /// instead is among that one's. So all servers' are what clients send: `lbtot − wredis`, and what
  /// cookies and stick tables send.
  package var arrived: Double
  /// Requests answered: the sum of `hrsp_*` but `hrsp_1xx` in HTTP mode,
  /// `arrived − scur − econ − eresp` in TCP mode.
  package var done: Double
  /// Attempts that went wrong by the server: `hrsp_5xx + econ + eresp`, and those that were made again,
  /// here or elsewhere. An answer with a 5xx is in `done` as well.
  package var failed: Double
  /// Requests at the server or queued for it now that wait for their answer. A balancer tells of open
  /// sessions alone; Control reckons these from them.
  package var inFlight: Double
  /// Sessions at the server or queued for it now: `scur + qcur`.
  package var open: Double
  /// Attempts, each retry again: `stot`. Never falls but when counting begins anew.
  package var tried: Double
  /// Requests that an answer 1xx has not ended, as a 101 does that makes a tunnel of them: `hrsp_1xx`.
  package var tunnelled: Double

  /// - Parameters:
  ///   - open: `inFlight` unless given, as where no session outlasts its answer.
  ///   - tried: `arrived` unless given, as where nothing is ever tried again.
  package init(
    arrived: Double, done: Double, failed: Double = 0, inFlight: Double, open: Double? = nil,
    tried: Double? = nil, tunnelled: Double = 0
  ) {
    self.arrived = arrived
    self.done = done
    self.failed = failed
    self.inFlight = inFlight
    self.open = open ?? inFlight
    self.tried = tried ?? arrived
    self.tunnelled = tunnelled
  }
}

/// The container behind a server.
package struct ContainerObservation: Sendable {
  package var host: HostName
  /// Tells one container from its successor of the same name.
  package var id: String
  /// Its samples, oldest first, at most a few minutes of them. May contain a fall of the counter.
  package let samples: [CPUSample]
  /// What of them belongs together.
  let run: SampleRun
  /// Of what it was seen to do, its examination tells.
  package var capacity: Capacity

  package init(host: HostName, id: String, samples: [CPUSample], toldCores: Double?) {
    self.host = host
    self.id = id
    self.samples = samples
    run = SampleRun(samples)
    capacity = Capacity(toldCores: toldCores)
  }
}

/// A machine with containers of this backend.
package struct HostObservation: Sendable {
  /// Logical cores.
  package var cores: Double
  /// What of the samples of the whole machine's CPU use belongs together; empty when its neighbours do not
  /// count.
  private(set) var run: SampleRun
  /// Seconds by which its clock is ahead of ours; 0 when the difference is within measuring error.
  package var clockOffsetSeconds: Double
  /// What of it our servers have at least while others want it too, 0…1; 0 where that is not known.
  package var fairPart = 0.0
  /// Why its counter is not believed; `nil` while it is.
  private(set) var doubt: HostDoubt?

  /// - Parameter samples: oldest first. May contain a fall of the counter.
  package init(cores: Double, samples: [CPUSample], clockOffsetSeconds: Double = 0) {
    self.cores = cores
    run = SampleRun(samples)
    self.clockOffsetSeconds = clockOffsetSeconds
  }

  /// Its counter says nothing.
  mutating func disbelieve(_ doubt: HostDoubt) {
    run = SampleRun([])
    self.doubt = doubt
  }
}
