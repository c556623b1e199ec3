/// All that a cAdvisor says at one time, put together from up to five replies of one machine.
public struct CAdvisorReading: Hashable, Sendable {
  /// As in ``ContainersReply/answeredAtNanoseconds``.
  public var answeredAtNanoseconds: Int64?
  /// Logical cores of the machine, at least 1; `nil` while they are not known.
  public var cores: Int?
  /// The whole machine's newest sample.
  public var hostSample: Sample?
  /// The containers, ordered by id; bare cgroups are left out.
  public var containers: [ContainerInfo]
  /// How many there are beside these that were not asked for.
  public var others: Int
  /// How many cores each may use, by id; one that only the machine limits is not in it.
  public var coreLimits: [String: Double]
  /// The tightest limit that each shares with whatever else is in the same cgroup, by id.
  public var sharedLimits: [String: SharedCPULimit]
  /// The weight of each beside its siblings (`cpu.shares`), by id, as far as it is told.
  public var cpuShares: [String: Double]
  /// The CPUs that each is pinned to, by id; one that may run on all is not in it.
  public var pinnedCPUs: [String: Set<Int>]
  /// Why the load of a container cannot be known, by id: its samples or its limit are missing.
  public var flaws: [String: String]
  /// What is wrong with the containers that are not in ``containers``, by id.
  public var malformed: [String: String]
  /// What else is missing that matters, in words, by what it is.
  public var notes: [String: String]
  /// Questions that failed and whose last answers are used in their place.
  public var warnings: [CAdvisorError]

  /// A reading of these parts.
  public init(
    answeredAtNanoseconds: Int64? = nil, cores: Int?, hostSample: Sample? = nil,
    containers: [ContainerInfo] = [], others: Int = 0, coreLimits: [String: Double] = [:],
    sharedLimits: [String: SharedCPULimit] = [:], cpuShares: [String: Double] = [:],
    pinnedCPUs: [String: Set<Int>] = [:], flaws: [String: String] = [:],
    malformed: [String: String] = [:], notes: [String: String] = [:],
    warnings: [CAdvisorError] = []
  ) {
    self.answeredAtNanoseconds = answeredAtNanoseconds
    self.cores = cores
    self.hostSample = hostSample
    self.containers = containers
    self.others = others
    self.coreLimits = coreLimits
    self.sharedLimits = sharedLimits
    self.cpuShares = cpuShares
    self.pinnedCPUs = pinnedCPUs
    self.flaws = flaws
    self.malformed = malformed
    self.notes = notes
    self.warnings = warnings
  }
}

/// A limit on a cgroup that several containers may be in.
public struct SharedCPULimit: Hashable, Sendable {
  /// The path of that cgroup.
  public var cgroup: String
  /// How many cores all that are in it can use together.
  public var cores: Double

  /// A limit of these parts.
  public init(cgroup: String, cores: Double) {
    self.cgroup = cgroup
    self.cores = cores
  }
}

extension CAdvisorReading {
  /// Whether all questions were answered, and the machine is known.
  var isGood: Bool { hostSample != nil && cores != nil && warnings.isEmpty }

  /// What is not in it, in words.
  struct Missing: Equatable, Sendable {
    var malformed: [String: String]
    var notes: [String: String]
  }

  var missing: Missing {
    get { Missing(malformed: malformed, notes: notes) }
    set { (malformed, notes) = (newValue.malformed, newValue.notes) }
  }

  /// The replies that a reading is put together from.
  struct Replies {
    var containers: ContainersReply
    /// Containers that were not asked for.
    var others = 0
    var host: Result<HostReply, CAdvisorError>
    /// The last that is known, and why it is not a new one, or why there is none.
    var specs: Latest<SpecsReply>
    var machine: Latest<MachineInfo>
    var cgroups: CgroupsReply?
  }

  /// Puts the replies together.
  ///
  /// A container whose limit is not known has a flaw: taken for unlimited, one at its quota would
  /// look idle and be given more. So has one that only the machine limits, while it is not known
  /// how many cores that has or how busy it is.
  init(_ replies: Replies) {
    let (specs, machine) = (replies.specs, replies.machine)
    self.init(
      answeredAtNanoseconds: replies.containers.answeredAtNanoseconds, cores: machine.value?.cores,
      others: replies.others, malformed: replies.containers.malformed)
    var unknownHost: String?
    switch replies.host {
    case .success(let host): hostSample = host.sample
    case .failure(let error):
      unknownHost = "the CPU use of its host is not known: \(error.reason)"
      notes["the host's CPU use"] = "quotas alone count: \(error.reason)"
    }
    if cores == nil {
      let why = machine.failure?.reason ?? "its num_cores is missing or cannot be"
      unknownHost = "the cores of its host are not known: \(why)"
      notes["the host's cores"] = "quotas alone count: \(why)"
    }
    containers = replies.containers.containers.filter { !$0.isRawCgroup }
    cpuShares.reserveCapacity(containers.count)
    var limits = LimitReader(cgroups: replies.cgroups, machineCores: cores)
    for container in containers {
      let id = container.id
      var flaw = container.flaw
      if let spec = specs.value?.specs[id] {
        let own = limits.read(spec, of: id)
        if let shared = own.shared { sharedLimits[id] = shared }
        if let cores = own.cores { coreLimits[id] = cores } else { flaw = flaw ?? unknownHost }
        if let shares = spec.shares, shares > 0 { cpuShares[id] = Double(shares) }
        if let cpus = own.pinnedCPUs { pinnedCPUs[id] = cpus }
      } else {
        let why = specs.value?.malformed[id] ?? specs.failure?.reason ?? "not told yet"
        flaw = flaw ?? "its CPU limit is not known: \(why)"
      }
      if let flaw { flaws[id] = flaw }
    }
    warnings = [specs.warning, machine.warning].compactMap { $0 }
    if containers.isEmpty { notes["containers"] = Self.noContainers(replies.cgroups) }
    notes["parent cgroups"] = replies.cgroups?.notShown(above: containers.map(\.id))
  }

  /// What is known of a machine where cAdvisor knows no Docker container.
  private static func noContainers(_ cgroups: CgroupsReply?) -> String {
    let older = "Docker 29 or later needs cAdvisor 0.57 or later"
    if let cgroups, cgroups.namelessDockerContainers > 0 {
      return """
        it sees \(cgroups.namelessDockerContainers) container(s) of Docker, but not their names: \
        either it may not read Docker's socket, or it is too old for this Docker; \(older)
        """
    }
    if let cgroups, !cgroups.foreignContainers.isEmpty {
      let runtimes = cgroups.foreignContainers.keys.sorted().prefix(3).joined(separator: ", ")
      return "it knows containers of \(runtimes) alone, which are not read, and none of Docker"
    }
    return """
      it knows no Docker container: is it running where the containers are, and may it read \
      Docker's socket? \(older); Podman and containerd are not read
      """
  }
}

/// Reads the limits of many containers, of which most have those of the one before.
private struct LimitReader {
  struct Limits {
    var cores: Double?
    var shared: SharedCPULimit?
    var pinnedCPUs: Set<Int>?
  }

  let cgroups: CgroupsReply?
  let machineCores: Int?
  private var last: (spec: CPUSpec, own: Double?, pinned: Set<Int>?)?
  private var lastParent: (text: Substring, shared: SharedCPULimit?)?

  init(cgroups: CgroupsReply?, machineCores: Int?) {
    self.cgroups = cgroups
    self.machineCores = machineCores
  }

  mutating func read(_ spec: CPUSpec, of id: String) -> Limits {
    let limit: (spec: CPUSpec, own: Double?, pinned: Set<Int>?)
    if let last, last.spec == spec {
      limit = last
    } else {
      limit = (
        spec, spec.coreLimit(machineCores: machineCores),
        spec.pinnedCPUs(machineCores: machineCores)
      )
      last = limit
    }
    let shared = shared(above: id)
    return Limits(
      cores: [limit.own, shared?.cores].compactMap { $0 }.min(), shared: shared,
      pinnedCPUs: limit.pinned)
  }

  private mutating func shared(above id: String) -> SharedCPULimit? {
    guard let cgroups else { return nil }
    let parent = CgroupPath.parent(of: id)
    if let lastParent, lastParent.text == parent { return lastParent.shared }
    let shared = cgroups.limit(above: id, machineCores: machineCores)
    lastParent = (parent, shared)
    return shared
  }
}

extension CgroupsReply {
  /// Docker's own cgroups, which only somebody who knows what he does puts a quota on.
  private static let usualParents: Set = ["/docker", "/system.slice"]

  /// The tightest limit of the cgroups that a container is in.
  func limit(above container: String, machineCores: Int?) -> SharedCPULimit? {
    CgroupPath(container).parents.compactMap { parent in
      specs[parent]?.coreLimit(machineCores: machineCores).map {
        SharedCPULimit(cgroup: parent, cores: $0)
      }
    }.min { $0.cores < $1.cores }
  }

  /// Whether asking again soon may tell more: it knows of a cgroup that a container is in, or
  /// should, or there is no container to go by.
  func areOfUse(for parents: Set<String>) -> Bool {
    parents.isEmpty || !parents.isSubset(of: Self.usualParents)
      || parents.contains { specs[$0] != nil }
  }

  /// What is not shown of the cgroups that containers are in; `nil` when nothing is missing.
  func notShown(above containers: [String]) -> String? {
    let parents = CgroupPath.parents(of: containers).subtracting(Self.usualParents)
    let missing = parents.filter { specs[$0] == nil }.sorted()
    guard let first = missing.first else { return nil }
    return """
      not shown, \(Excerpt.of(first)) among \(missing.count), so that a quota there would not be \
      seen: with -docker_only, cAdvisor shows those that -raw_cgroup_prefix_whitelist names
      """
  }
}
