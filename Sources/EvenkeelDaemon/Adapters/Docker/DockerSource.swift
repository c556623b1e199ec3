package import Balancing
package import CAdvisor
package import Control
internal import Deadlines
internal import DockerEngine
internal import NIOCore
internal import Names
internal import Synchronization

/// Docker's Engine API as `Control` reads it, by GETs alone: what lets only these through is enough
/// before it. Podman's service answers the same.
///
/// It tells nothing of the host's own CPU use; over a socket the host is this machine, whose use the
/// kernel tells.
package struct DockerSource: LoadSource {
  package let name: EndpointName
  package let host: HostName
  package let tellsContainerAddresses = true
  private let client: PageClient
  private let labels: Set<String>
  private let addresses: EndpointAddresses
  private let readsKernel: Bool
  private let patience: Duration
  private let clock: SteadyClock
  private let memory = Memory()

  /// Limits change seldom: they are asked for when a container shows up, and then now and then.
  private final class Memory: Sendable {
    struct Known: Sendable {
      var limits: ContainerLimits?
      var askedAt: Timestamp
    }

    let known = Mutex<[String: Known]>([:])
  }

  private static let limitsPauseSeconds = 30.0

  /// - Parameters:
  ///   - labels: of containers that somebody asks for; the others may be secrets.
  ///   - readsKernel: whether it is asked over a socket, and so of this machine.
  ///   - patience: how long one container may take: one that hangs does not take its host's reading.
  package init(
    name: EndpointName, host: HostName, client: PageClient, labels: Set<String>,
    addresses: EndpointAddresses, readsKernel: Bool, patience: Duration,
    clock: SteadyClock
  ) {
    self.name = name
    self.host = host
    self.client = client
    self.labels = labels
    self.addresses = addresses
    self.readsKernel = readsKernel
    self.patience = patience
    self.clock = clock
  }

  package func read() async throws(PortFailure) -> HostReading {
    let (list, answeredAt) = try await list()
    var seen = Seen()
    for (container, look) in await looks(at: list.containers) {
      switch look {
      case .told(let told): seen.found.append((container, told))
      case .gone: break
      case .failed(let failure): seen.failed.append((container, failure))
      case .cancelled(let failure): throw failure
      }
    }
    // Where none can be read it is the service, and not each of them.
    if seen.found.isEmpty, let failure = seen.failed.first?.failure { throw failure }
    let ids = Set(list.containers.map(\.id))
    memory.known.withLock { $0 = $0.filter { ids.contains($0.key) } }
    return reading(of: seen, in: list, answeredAt, await addresses.current())
  }

  /// What became of the looks at the containers.
  private struct Seen {
    var found: [(container: ListedContainer, told: Told)] = []
    var failed: [(container: ListedContainer, failure: PortFailure)] = []

    /// What the engine takes for the machine's cores: Podman tells of each container those that it
    /// may use.
    var cores: Int? { found.compactMap(\.told.use?.onlineCores).max() }
  }

  private func reading(
    of seen: Seen, in list: ContainerList, _ answeredAt: Timestamp?, _ addresses: Set<String>
  ) -> HostReading {
    var kernel = readsKernel ? KernelCPU.read(at: clock.now) : nil
    var isHere = readsKernel
    var note: String?
    if let here = kernel?.cores, let there = seen.cores, there > here {
      // A socket may lead elsewhere: through ssh, into a virtual machine.
      note =
        "quotas alone count: Docker's machine has \(there) cores and this one \(here): the socket "
        + "leads to another machine"
      kernel = nil
      isHere = false
    } else if kernel == nil {
      note =
        readsKernel
        ? "quotas alone count: /proc/stat cannot be read; systemd's unit wants ProcSubset=all"
        : "quotas alone count: Docker's API does not tell it, and the host may be another one"
    }
    let cores = kernel?.cores ?? seen.cores
    var containers = seen.found.map {
      containerReading(of: $0.container, in: list, $0.told, cores, kernel != nil)
    }
    // What cannot be read is there all the same: nothing else is to be taken for it.
    containers += seen.failed.map { container, failure in
      var reading = containerReading(of: container, in: list, Told(), cores, kernel != nil)
      reading.flaw = "it cannot be read: \(failure.message)"
      return reading
    }
    var malformed = Dictionary(
      seen.failed.map { ($0.container.name, $0.failure.message) }, uniquingKeysWith: { $1 })
    if list.unreadable > 0 {
      malformed["the list"] = "\(list.unreadable) container(s) in it cannot be read"
    }
    if let note { malformed["the host's CPU use"] = note }
    var reading = HostReading(
      answeredAt: answeredAt, cores: cores.map(Double.init), hostSample: kernel?.sample,
      containers: containers.sorted { $0.id < $1.id }, addresses: addresses, malformed: malformed)
    reading.isHere = isHere
    return reading
  }

  /// What is told of one container.
  private struct Told: Sendable {
    var use: ContainerUse?
    var limits: ContainerLimits?
  }

  private enum Look: Sendable {
    case told(Told)
    /// It ended between the list and this.
    case gone
    case failed(PortFailure)
    case cancelled(PortFailure)

    /// Whether there was no connection, which who lets only few wait may refuse.
    var isUnreached: Bool {
      if case .failed(let failure) = self { failure.kind == .unreachable } else { false }
    }
  }

  /// Docker takes up to a second for what a container uses, so they are asked for at once.
  package static let mostAtOnce = 32

  private func looks(at containers: [ListedContainer]) async -> [(ListedContainer, Look)] {
    var looks = await looksAtOnce(at: containers)
    for index in looks.indices where looks[index].1.isUnreached && !Task.isCancelled {
      looks[index].1 = await look(at: looks[index].0)
    }
    return looks
  }

  private func looksAtOnce(at containers: [ListedContainer]) async -> [(ListedContainer, Look)] {
    await withTaskGroup(of: (ListedContainer, Look).self) { group in
      var looks: [(ListedContainer, Look)] = []
      for (index, container) in containers.enumerated() {
        if index >= Self.mostAtOnce, let look = await group.next() { looks.append(look) }
        group.addTask { (container, await look(at: container)) }
      }
      for await look in group { looks.append(look) }
      return looks
    }
  }

  private func look(at container: ListedContainer) async -> Look {
    do {
      return .told(
        try await withDeadline(after: patience, clock: .continuous) {
          try await told(of: container)
        })
    } catch is DeadlineExceeded {
      return .failed(
        PortFailure(.timedOut, "no answer within \(decimal(patience.inSeconds, 1)) s"))
    } catch let error as CAdvisorError {
      let failure = PortFailure(error, from: .docker)
      return switch error.kind {
      case .status(404), .status(409): .gone
      case .cancelled: .cancelled(failure)
      default: .failed(failure)
      }
    } catch {
      return .cancelled(PortFailure(.cancelled, "\(client.endpoint): cancelled"))
    }
  }

  private func told(of container: ListedContainer) async throws(CAdvisorError) -> Told {
    let path = "/containers/\(container.id)"
    let now = clock.now
    let known = memory.known.withLock { $0[container.id] }
    var limits = known?.limits
    if known.map({ now.seconds(since: $0.askedAt) >= Self.limitsPauseSeconds }) ?? true {
      limits = try await answer("\(path)/json") { page throws(MalformedDockerReply) in
        try DockerReply.limits(page.bytes)
      }
      memory.known.withLock { $0[container.id] = .init(limits: limits, askedAt: now) }
    }
    let use = try await answer("\(path)/stats?stream=false&one-shot=true") {
      page throws(MalformedDockerReply) in
      try DockerReply.use(page.bytes)
    }
    return Told(use: use, limits: limits)
  }

  private func list() async throws(PortFailure) -> (ContainerList, Timestamp?) {
    do throws(CAdvisorError) {
      var answeredAt: Timestamp?
      let listed = try await answer("/containers/json") { page throws(MalformedDockerReply) in
        answeredAt = page.answeredAt.map(Timestamp.init(nanoseconds:))
        return try DockerReply.list(page.bytes)
      }
      return (listed, answeredAt)
    } catch {
      throw PortFailure(error, from: .docker)
    }
  }

  private func answer<Value: Sendable>(
    _ path: String, _ decode: (WholePage.Page) throws(MalformedDockerReply) -> Value
  ) async throws(CAdvisorError) -> Value {
    let page = try await client.read(path, accept: "application/json", into: WholePage())
    do throws(MalformedDockerReply) {
      return try decode(page)
    } catch {
      throw CAdvisorError(
        kind: .malformed, endpoint: client.endpoint, request: "GET \(path)", detail: error.detail)
    }
  }

  private func containerReading(
    of container: ListedContainer, in list: ContainerList, _ told: Told, _ cores: Int?,
    _ knowsHost: Bool
  ) -> ContainerReading {
    let (use, limits) = (told.use, told.limits)
    let spec = limits.map {
      CPUSpec(
        quotaMicroseconds: $0.quotaMicroseconds, periodMicroseconds: $0.periodMicroseconds,
        mask: $0.cpus, shares: $0.shares)
    }
    let quota = spec?.coreLimit(machineCores: cores)
    var flaw: String?
    if limits == nil {
      flaw = "its CPU limit is not known: there is no HostConfig in what Docker says of it"
    } else if quota == nil, !knowsHost {
      flaw = "it has no quota, and the CPU use of its host is not known"
    } else if quota == nil, cores == nil {
      flaw = "the cores of its host are not known"
    }
    return ContainerReading(
      id: container.id, aliases: [container.name, container.id],
      labels: container.labels.filter { labels.contains($0.key) },
      sample: use.flatMap { use in
        ReadingTime.nanoseconds(use.readAt).map {
          CPUSample(
            timestamp: Timestamp(nanoseconds: $0), cpuNanoseconds: use.cpuNanoseconds)
        }
      },
      waits: use.map {
        CPUWaitCounters(periods: $0.periods, throttledPeriods: $0.throttledPeriods)
      },
      quotaCores: quota, cpuShares: spec?.shares.map(Double.init),
      pinnedCPUs: spec?.pinnedCPUs(machineCores: cores),
      addresses: container.usesHostNetwork ? [] : list.addresses(of: container), flaw: flaw)
  }
}
