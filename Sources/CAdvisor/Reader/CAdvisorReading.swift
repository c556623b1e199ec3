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
    containers: [ContainerInfo] = [], coreLimits: [String: Double] = [:],
    sharedLimits: [String: SharedCPULimit] = [:], cpuShares: [String: Double] = [:],
    pinnedCPUs: [String: Set<Int>] = [:], flaws: [String: String] = [:],
    malformed: [String: String] = [:], notes: [String: String] = [:],
    warnings: [CAdvisorError] = []
  ) {
    self.answeredAtNanoseconds = answeredAtNanoseconds
    self.cores = cores
    self.hostSample = hostSample
    self.containers = containers
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
  /// The replies that a reading is put together from.
  struct Replies {
    var containers: ContainersReply
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
      malformed: replies.containers.malformed)
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
    for container in replies.containers.containers where !container.isRawCgroup {
      let id = container.id
      containers.append(container)
      flaws[id] = container.flaw
      guard let spec = specs.value?.specs[id] else {
        let why = specs.value?.malformed[id] ?? specs.failure?.reason ?? "not told yet"
        flaws[id] = flaws[id] ?? "its CPU limit is not known: \(why)"
        continue
      }
      let shared = replies.cgroups?.limit(above: id, machineCores: cores)
      sharedLimits[id] = shared
      let limits: [Double?] = [spec.coreLimit(machineCores: cores), shared?.cores]
      coreLimits[id] = limits.compactMap { $0 }.min()
      cpuShares[id] = spec.shares.flatMap { $0 > 0 ? Double($0) : nil }
      pinnedCPUs[id] = spec.pinnedCPUs(machineCores: cores)
      if coreLimits[id] == nil { flaws[id] = flaws[id] ?? unknownHost }
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
    let parents = Set(containers.flatMap { CgroupPath($0).parents }).subtracting(Self.usualParents)
    let missing = parents.filter { specs[$0] == nil }.sorted()
    guard let first = missing.first else { return nil }
    return """
      not shown, \(Excerpt.of(first)) among \(missing.count), so that a quota there would not be \
      seen: with -docker_only, cAdvisor shows those that -raw_cgroup_prefix_whitelist names
      """
  }
}
