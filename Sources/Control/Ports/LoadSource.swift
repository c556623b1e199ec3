package import Balancing

/// What a tick reads load from: one cAdvisor, or something that stands for one.
package protocol LoadSource: Sendable {
  var name: EndpointName { get }
  /// The machine that it watches.
  var host: HostName { get }
  /// Whether it tells addresses of containers, beside those of their machine.
  var tellsContainerAddresses: Bool { get }

  /// Reads it once. Ends soon after its task is cancelled; keeps no deadline of its own.
  func read() async throws(PortFailure) -> HostReading

  /// The same, where some containers are all that is wanted, by their ids. It may tell of all that there
  /// are, and does where one of these is not as it was, or where all were told too long ago.
  func read(only containers: Set<String>) async throws(PortFailure) -> HostReading
}

extension LoadSource {
  package func read(only containers: Set<String>) async throws(PortFailure) -> HostReading {
    try await read()
  }

  package var tellsContainerAddresses: Bool { false }
}

/// What one endpoint says at one time.
package struct HostReading: Sendable, Equatable {
  /// The endpoint's own clock when it answered, where it tells (whole seconds, rounded down).
  package var answeredAt: Timestamp?
  /// Logical cores of the machine; `nil` while they are not known.
  package var cores: Double?
  /// The whole machine's CPU use.
  package var hostSample: CPUSample?
  package var containers: [ContainerReading]
  /// How many there are beside these that were not asked for: as far as anybody knows they are as they were.
  package var others: Int
  /// The machine's addresses, as far as they are known, for matching by address.
  package var addresses: Set<String>
  /// Whether it is the machine that this program runs on, for certain.
  package var isHere = false
  /// What was left out of `containers`, with the reason, by container.
  package var malformed: [String: String]

  package init(
    answeredAt: Timestamp?, cores: Double?, hostSample: CPUSample?, containers: [ContainerReading],
    others: Int = 0, addresses: Set<String> = [], malformed: [String: String] = [:]
  ) {
    self.answeredAt = answeredAt
    self.cores = cores
    self.hostSample = hostSample
    self.containers = containers
    self.others = others
    self.addresses = addresses
    self.malformed = malformed
  }
}

/// One container of one machine.
package struct ContainerReading: Sendable, Equatable {
  /// Tells it from its successor of the same name.
  package var id: String
  /// Its names; the first is the one that a person gave it.
  package var aliases: [String]
  package var labels: [String: String]
  package var sample: CPUSample?
  /// How it waits for CPU time; `nil` where nobody tells.
  package var waits: CPUWaitCounters?
  /// CPU quota (or pinned cores) in cores, its own or that of a cgroup that it is in, whichever is
  /// less; `nil` when only the machine limits it.
  package var quotaCores: Double?
  /// The tightest limit on a cgroup that it is in; `nil` when there is none, or none is told.
  package var sharedLimit: SharedLimit?
  /// Its weight beside others while all want CPU, 1024 being the usual one; `nil` when it is not told.
  package var cpuShares: Double?
  /// The CPUs that it may run on; `nil` when it may on all.
  package var pinnedCPUs: Set<Int>?
  /// Addresses of its own, as far as they are told.
  package var addresses: Set<String>
  /// Whether it is no container but the machine as a whole, which several servers may be on.
  package var isWholeHost: Bool
  /// Why its load cannot be known, in words: nothing of it is to be acted on.
  package var flaw: String?

  package init(
    id: String, aliases: [String], labels: [String: String], sample: CPUSample?,
    waits: CPUWaitCounters? = nil,
    quotaCores: Double?, sharedLimit: SharedLimit? = nil, cpuShares: Double? = nil,
    pinnedCPUs: Set<Int>? = nil, addresses: Set<String> = [],
    isWholeHost: Bool = false, flaw: String? = nil
  ) {
    self.id = id
    self.aliases = aliases
    self.labels = labels
    self.sample = sample
    self.waits = waits
    self.quotaCores = quotaCores
    self.sharedLimit = sharedLimit
    self.cpuShares = cpuShares
    self.pinnedCPUs = pinnedCPUs
    self.addresses = addresses
    self.isWholeHost = isWholeHost
    self.flaw = flaw
  }
}

/// A limit on a cgroup that several containers may be in: a slice, a pod, a task.
///
/// Those that are in it share it as they share a host of that size.
package struct SharedLimit: Hashable, Codable, Sendable {
  /// Tells the cgroup from others of the same host.
  package var id: String
  /// What all in it can use together.
  package var cores: Double

  package init(id: String, cores: Double) {
    self.id = id
    self.cores = cores
  }
}
