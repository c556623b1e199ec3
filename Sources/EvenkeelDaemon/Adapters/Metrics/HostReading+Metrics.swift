internal import Balancing
internal import CAdvisor
internal import Control

/// What of a page goes to `Control`, and how.
struct MetricsView: Sendable {
  /// The host as a name for what is no container.
  var host: HostName
  /// Labels of containers that somebody asks for, by their spelling on the page.
  var labels: [String: String]
  /// Whether the machine as a whole is what serves; `nil` where the page decides.
  var isWholeHost: Bool?
}

extension HostReading {
  /// The machine's id where it stands in the place of its containers: that of the root cgroup.
  static let wholeHost = "/"

  init(_ page: MetricsPage, as view: MetricsView, now: Timestamp) {
    let receivedAt = page.receivedAt ?? now
    let hostUse = page.hostUse
    let root = page.cgroups.values.first { $0.id == "/" && $0.pod.isEmpty }?.usage
    let cores = page.machineCores ?? (page.cores.isEmpty ? nil : Double(page.cores.count))
    let hostSample =
      root.map { CPUSample($0, receivedAt) }
      ?? hostUse.map {
        CPUSample(seconds: $0.all, at: $0.timestampNanoseconds, or: receivedAt)
      }
    self.init(answeredAt: nil, cores: cores, hostSample: hostSample, containers: [])
    if page.malformedLines > 0 {
      malformed["lines"] =
        "\(page.malformedLines) line(s) cannot be read, the first \(page.malformedLine ?? "")"
    }
    if view.isWholeHost ?? !page.cgroups.values.contains(where: \.isContainer) {
      let own =
        hostUse.map { CPUSample(seconds: $0.own, at: $0.timestampNanoseconds, or: receivedAt) }
        ?? hostSample
      containers = Self.wholeHost(own, cores, view)
    } else {
      containers = page.containers(as: view, reading: self, receivedAt)
    }
    // A date is of use only beside times that were told.
    let isDated =
      root?.timestampNanoseconds != nil || hostUse?.timestampNanoseconds != nil
      || page.cgroups.values.contains { $0.usage?.timestampNanoseconds != nil }
    if isDated { answeredAt = page.answeredAtNanoseconds.map(Timestamp.init(nanoseconds:)) }
    if cores == nil {
      malformed["the host's cores"] =
        "quotas alone count: there is no machine_cpu_cores, and no node_cpu_seconds_total"
    } else if hostSample == nil {
      malformed["the host's CPU use"] =
        "quotas alone count: there is neither container_cpu_usage_seconds_total of id=\"/\" nor "
        + "node_cpu_seconds_total"
    }
  }

  private static func wholeHost(
    _ sample: CPUSample?, _ cores: Double?, _ view: MetricsView
  ) -> [ContainerReading] {
    guard let sample else { return [] }
    return [
      ContainerReading(
        id: wholeHost, aliases: [view.host.text], labels: [:], sample: sample, quotaCores: nil,
        isWholeHost: true, flaw: cores == nil ? "the cores of its host are not known" : nil)
    ]
  }
}

extension CPUSample {
  fileprivate init(_ reading: MetricsPage.Reading, _ receivedAt: Timestamp) {
    self.init(seconds: reading.value, at: reading.timestampNanoseconds, or: receivedAt)
  }

  /// - Parameter receivedAt: stands for a time that is not told.
  fileprivate init(seconds: Double, at nanoseconds: Int64?, or receivedAt: Timestamp) {
    self.init(
      timestamp: nanoseconds.map(Timestamp.init(nanoseconds:)) ?? receivedAt,
      // Beyond what a counter holds nothing is believed anyway.
      cpuNanoseconds: UInt64(exactly: (seconds * 1e9).rounded()) ?? .max)
  }
}

extension MetricsPage {
  private static let mostCores = 1_000_000.0

  fileprivate func containers(
    as view: MetricsView, reading: HostReading, _ receivedAt: Timestamp
  ) -> [ContainerReading] {
    let machineCores = reading.cores.flatMap { Int(exactly: $0.rounded()) }
    let unknownHost: String? =
      if reading.cores == nil {
        "the cores of its host are not known"
      } else if reading.hostSample == nil {
        "the CPU use of its host is not known"
      } else {
        nil
      }
    // The limits of slices and pods, by path.
    var parents: [String: Double] = [:]
    for cgroup in cgroups.values where !cgroup.id.isEmpty && cgroup.id != "/" {
      parents[cgroup.id] = cgroup.limit(machineCores)
    }
    let chosen = newest(cgroups.values.filter { $0.isContainer && $0.usage != nil })
    let inPod = Dictionary(grouping: chosen) { "\($0.namespace)/\($0.pod)" }.mapValues(\.count)
    return chosen.map { cgroup in
      let shared = cgroup.parents.compactMap { path in
        parents[path].map { SharedLimit(id: path, cores: $0) }
      }.min { $0.cores < $1.cores }
      let limits: [Double?] = [cgroup.limit(machineCores), shared?.cores]
      let quota = limits.compactMap(\.self).min()
      var flaw = quota == nil ? unknownHost : nil
      if !cgroup.tellsLimits, shared == nil {
        flaw =
          "its CPU limit is not known: there is no container_spec_cpu_period or _shares of it on "
          + "the page"
      }
      let isAlone = inPod["\(cgroup.namespace)/\(cgroup.pod)"] == 1
      return ContainerReading(
        id: cgroup.key, aliases: cgroup.aliases(isAlone: isAlone), labels: cgroup.labels(view),
        sample: cgroup.usage.map { CPUSample($0, receivedAt) }, waits: cgroup.waits,
        quotaCores: quota,
        sharedLimit: shared, cpuShares: cgroup.shares, flaw: flaw)
    }.sorted { $0.id < $1.id }
  }

  /// A runtime gives a name to one container at a time: of several, the others are what a restart
  /// left on the page.
  private func newest(_ cgroups: [Cgroup]) -> [Cgroup] {
    Dictionary(grouping: cgroups, by: \.givenName).values.compactMap { same in
      same.max { one, other in one.age.lexicographicallyPrecedes(other.age) }
    }
  }
}

extension MetricsPage.Cgroup {
  fileprivate var key: String { id.isEmpty ? givenName : id }

  /// What a person calls it, unique on its host at any time.
  fileprivate var givenName: String {
    container.isEmpty ? name : "\(namespace)/\(pod)/\(container)"
  }

  /// The later, the newer.
  fileprivate var age: [Double] {
    [startSeconds ?? 0, Double(usage?.timestampNanoseconds ?? 0), usage?.value ?? 0]
  }

  fileprivate var waits: CPUWaitCounters {
    func count(_ value: Double?) -> UInt64? { value.flatMap { UInt64(exactly: $0.rounded()) } }
    return CPUWaitCounters(
      periods: count(periods), throttledPeriods: count(throttledPeriods),
      pressureNanoseconds: count(pressureSeconds.map { $0 * 1e9 }))
  }

  fileprivate var parents: [String] {
    let steps = id.split(separator: "/")
    return steps.indices.dropFirst().map { "/" + steps[..<$0].joined(separator: "/") }
  }

  fileprivate func limit(_ machineCores: Int?) -> Double? {
    CPUSpec(
      quotaMicroseconds: quotaMicroseconds.flatMap { Int64(exactly: $0.rounded()) },
      periodMicroseconds: periodMicroseconds.flatMap { Int64(exactly: $0.rounded()) }
    ).coreLimit(machineCores: machineCores)
  }

  /// - Parameter isAlone: whether its pod has no other container that serves.
  fileprivate func aliases(isAlone: Bool) -> [String] {
    let runtime = [runtimeID].compactMap(\.self)
    guard !container.isEmpty else { return [name] + runtime }
    guard !pod.isEmpty else { return [container] + runtime }
    return (isAlone ? [pod] : []) + ["\(pod)/\(container)"] + runtime
  }

  /// The labels that somebody asks for, under the names that their owners gave them.
  fileprivate func labels(_ view: MetricsView) -> [String: String] {
    var found: [String: String] = [:]
    for (spelling, label) in view.labels { found[label] = labels[spelling] }
    for (label, value) in [
      ("io.kubernetes.pod.name", pod), ("io.kubernetes.pod.namespace", namespace),
      ("io.kubernetes.container.name", container),
    ] where !value.isEmpty { found[label] = value }
    return found
  }
}
