package import Balancing

/// A closed-loop case: a cluster, its traffic, and what happens to both.
///
/// Times are seconds from the start, CPU is in cores, rates are requests a second.
package struct Scenario: Hashable, Sendable {
  package var name: String
  package var description = ""
  /// Makes a run repeatable.
  package var seed: UInt64 = 1
  package var durationSeconds: Double
  package var intervalSeconds = 10.0
  package var daemons = Daemons.one
  package var balancers = [BalancerModel()]
  /// What every cAdvisor does, unless its host says otherwise.
  package var sampling = SamplingModel()
  package var request: RequestModel
  package var demand: DemandModel
  package var hosts: [HostModel]
  /// What several servers share, or one is limited by, and no cAdvisor tells.
  package var slices: [SliceModel] = []
  package var servers: [ServerModel]
  /// By time.
  package var events: [Event] = []

  package init(
    name: String, durationSeconds: Double, request: RequestModel, demand: DemandModel,
    hosts: [HostModel], servers: [ServerModel]
  ) {
    self.name = name
    self.durationSeconds = durationSeconds
    self.request = request
    self.demand = demand
    self.hosts = hosts
    self.servers = servers
  }

  package enum Daemons: String, CaseIterable, Hashable, Sendable {
    /// One reads and writes every balancer.
    case one
    /// One a balancer, which sees only its own.
    case own
    /// One a balancer, which is told of the others by theirs.
    case peers
  }
}

/// A HAProxy.
package struct BalancerModel: Hashable, Sendable {
  package var name: BalancerName = "lb1"
  /// Its part of the demand, in proportion to the others'.
  package var share = 1.0
  package var algorithm = Algorithm.roundrobin
  /// Servers that `random` draws for a request, of which it takes the least loaded.
  package var draws = 2
  /// Which of two that are as loaded as each other `random` takes.
  package var ties = Ties.latest
  /// HAProxy's `slowstart`: seconds that a server which came up takes to its full weight; 0 is none.
  package var slowstartSeconds = 0.0
  /// Its own initial weights in the servers' order, in the place of the servers'.
  package var weights: [Weight]?
  /// What it calls the servers together. Balancers that differ here have backends of their own over
  /// the same containers.
  package var backend = Cluster.backend
  /// On the CPU of the requests that come through it.
  package var costFactor = 1.0

  package init() {}

  package enum Algorithm: String, CaseIterable, Hashable, Sendable {
    case roundrobin, leastconn, random
  }

  package enum Ties: String, CaseIterable, Hashable, Sendable {
    /// The one that was drawn last: HAProxy up to 3.3.
    case latest
    /// The one with the lower request rate for its weight: HAProxy from 3.4.
    case rate
  }
}

/// How a cAdvisor samples.
package struct SamplingModel: Hashable, Sendable {
  /// Seconds between two samples.
  package var housekeepingSeconds = 1.0
  /// Each gap is the housekeeping × (1 + jitter × random 0…1).
  package var jitter = 1.0
  /// The gap doubles up to a minute while the counter stands still.
  package var isDynamic = true
  /// Seconds before a sample can be read.
  package var lagSeconds = 0.0
  /// Seconds by which its clock is ahead, in timestamps and in its Date header.
  package var clockOffsetSeconds = 0.0

  package init() {}
}

/// What requests are like.
package struct RequestModel: Hashable, Sendable {
  /// Mean CPU seconds at a cost factor of 1.
  package var cpuSeconds: Double
  /// Coefficient of variation of the log-normal cost; 0 makes all alike.
  package var variation = 1.0
  /// Seconds waited without CPU.
  package var ioSeconds = 0.0
  /// Seconds after which a request counts as failed.
  package var timeoutSeconds = 30.0

  package init(cpuSeconds: Double) { self.cpuSeconds = cpuSeconds }
}

/// How many requests arrive.
package struct DemandModel: Hashable, Sendable {
  /// Mean, of Poisson arrivals.
  package var requestsPerSecond: Double
  /// Coefficient of variation of a gamma factor drawn anew each second.
  package var burst = 0.0
  /// The part that a cookie or a stick table sends to a fixed server, whatever the weights: 0…1.
  package var pinned = 0.0
  /// How many there are to be pinned. The second has half of the first one's requests, the third a
  /// third, and so on.
  package var clients = 100

  package init(requestsPerSecond: Double) { self.requestsPerSecond = requestsPerSecond }
}

/// A machine with containers.
package struct HostModel: Hashable, Sendable {
  package var name: HostName
  package var cores: Double
  /// Cores wanted by others.
  package var neighbourCores = 0.0
  /// Their relative noise a second.
  package var neighbourNoise = 0.1
  /// Their cgroups' `cpu.shares` together.
  package var neighbourShares = HostModel.standardShares
  /// When they are there; `nil` is always.
  package var visits: NeighbourVisits?
  /// Hyper-threading: a request's cost is × (1 + this × the host's utilisation).
  package var threadSharing = 0.0
  /// Its own cAdvisor, where it differs.
  package var sampling: SamplingModel?

  package init(name: HostName, cores: Double) {
    self.name = name
    self.cores = cores
  }

  /// What Docker and the kernel give a cgroup that asks for nothing else.
  package static let standardShares = 1024.0
}

/// Neighbours that come and go.
package struct NeighbourVisits: Hashable, Sendable {
  /// In the mean, where the times are random.
  package var onSeconds: Double
  package var offSeconds: Double
  /// When they come first; `nil` is at once, or by chance where the times are random.
  package var firstSeconds: Double?
  /// Whether the times are exponential, rather than the same again and again.
  package var isRandom = false

  package init(onSeconds: Double, offSeconds: Double) {
    self.onSeconds = onSeconds
    self.offSeconds = offSeconds
  }

  /// The part of the time that they are there.
  package var presence: Double { onSeconds / (onSeconds + offSeconds) }
}

package enum SliceKind {}
package typealias SliceName = Name<SliceKind>

/// A cgroup above the containers of some servers, whose quota their own specs do not show.
package struct SliceModel: Hashable, Sendable {
  package var name: SliceName
  /// What its members on one host may use together.
  package var quotaCores: Double

  package init(name: SliceName, quotaCores: Double) {
    self.name = name
    self.quotaCores = quotaCores
  }
}

/// A server and its container.
package struct ServerModel: Hashable, Sendable {
  package var name: ServerName
  package var host: HostName
  /// Cores; `nil` leaves it the host's.
  package var quotaCores: Double?
  /// Its cgroup's `cpu.shares`.
  package var shares = HostModel.standardShares
  /// What it is in, where it is in one.
  package var slice: SliceName?
  package var costFactor = 1.0
  /// Cores used while idle.
  package var baseCores = 0.0
  /// HAProxy's initial weight.
  package var weight = Weight(clamping: 100)
  /// Instead of the request's.
  package var ioSeconds: Double?
  package var warmup: Warmup?
  package var state = State.up
  /// The part of its requests that fail at once, with a 5xx and next to no CPU use: 0…1.
  package var failFast = 0.0
  /// HAProxy's `maxconn`: more requests wait in HAProxy's queue; `nil` has no limit.
  package var maxConnections: Int?
  /// How its work shares the CPU.
  package var service = Service.queue
  /// Each request in flight beyond the first adds this part to the cost of a unit of work: threads
  /// that switch and contend.
  package var crowding = 0.0

  package init(name: ServerName, host: HostName) {
    self.name = name
    self.host = host
  }

  package enum State: String, CaseIterable, Hashable, Sendable {
    case up, down, drain
  }

  package enum Service: String, CaseIterable, Hashable, Sendable {
    /// First come, first served, on as many lanes as it has whole cores.
    case queue
    /// All at once, each with an equal part: a thread a request.
    case sharing
  }

  /// A cold start: the cost falls linearly from a factor to 1.
  package struct Warmup: Hashable, Sendable {
    package var seconds: Double
    package var factor: Double

    package init(seconds: Double, factor: Double) {
      self.seconds = seconds
      self.factor = factor
    }
  }
}

/// Something that happens.
package struct Event: Hashable, Sendable {
  package var atSeconds: Double
  package var change: Change
  /// Seconds after which it happens again, and the time until which it does.
  package var repetition: Repetition?

  package init(atSeconds: Double, _ change: Change) {
    self.atSeconds = atSeconds
    self.change = change
  }

  package struct Repetition: Hashable, Sendable {
    package var everySeconds: Double
    package var untilSeconds: Double

    package init(everySeconds: Double, untilSeconds: Double) {
      self.everySeconds = everySeconds
      self.untilSeconds = untilSeconds
    }
  }

  package enum Change: Hashable, Sendable {
    /// A factor on the requests a second, reached linearly.
    case demand(factor: Double, overSeconds: Double)
    /// A factor on every request's cost.
    case cost(factor: Double)
    /// The part of all requests that fail fast, whatever the server: 0…1.
    case failFast(Double)
    /// A balancer's weights and counters go back to the start, but for counters that it restores
    /// from a file.
    case reload(BalancerName, restoresCounters: Bool)
    /// A balancer's part of the demand.
    case share(BalancerName, Double)
    case slice(SliceName, quotaCores: Double)
    case server(ServerName, ServerChange)
    case host(HostName, HostChange)
    /// The daemon beside a balancer.
    case daemon(BalancerName, DaemonChange)
  }

  /// What is not `nil` changes.
  package struct DaemonChange: Hashable, Sendable {
    /// It begins anew, and has learned nothing.
    package var restarts = false
    /// Whether it hears no peer, and none hears it.
    package var isCut: Bool?
    /// How old what it tells its peers is at least, in seconds.
    package var toldLateSeconds: Double?

    package init() {}
  }

  /// What is not `nil` changes.
  package struct ServerChange: Hashable, Sendable {
    package var state: ServerModel.State?
    /// Its requests fail, its counter starts at 0, its weight stays.
    package var restarts = false
    package var costFactor: Double?
    package var quotaCores: Double?
    package var ioSeconds: Double?
    package var baseCores: Double?
    package var failFast: Double?
    /// An operator's hand, or another program's, on every balancer.
    package var setWeight: Weight?
    /// What is wrong with its container's CPU counter from now on.
    package var counter: CounterChange?
    /// Its counters begin anew on every balancer: `del server`, `add server`.
    package var resetsCounters = false
    /// What every balancer shows of it for a while.
    package var inFlight: GaugeChange?

    package init() {}
  }

  /// A CPU counter goes wrong, or right again.
  package struct CounterChange: Hashable, Sendable {
    /// `nil` when it is right again.
    package var fault: CounterFault?
    /// How long; `nil` is for good.
    package var seconds: Double?

    package init(_ fault: CounterFault?, seconds: Double? = nil) {
      self.fault = fault
      self.seconds = seconds
    }
  }

  /// HAProxy shows a number of requests in flight that is not true.
  package struct GaugeChange: Hashable, Sendable {
    package var value: Double
    /// How long; `nil` is for good.
    package var seconds: Double?

    package init(_ value: Double, seconds: Double? = nil) {
      self.value = value
      self.seconds = seconds
    }
  }

  /// What is not `nil` changes.
  package struct HostChange: Hashable, Sendable {
    package var neighbourCores: Double?
    /// Whether its cAdvisor answers.
    package var cadvisorAnswers: Bool?
    package var lagSeconds: Double?
    /// What is wrong with the CPU counters of all containers from now on.
    package var counters: CounterChange?
    /// What is wrong with the machine's own CPU counter from now on.
    package var machineCounter: CounterChange?

    package init() {}
  }
}
