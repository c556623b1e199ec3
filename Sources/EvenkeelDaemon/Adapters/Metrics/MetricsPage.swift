internal import Balancing
internal import PrometheusText

/// What a page of metrics tells of CPU, put in order by cgroup and by core.
struct MetricsPage: Equatable, Sendable {
  /// A value, and when it was read.
  struct Reading: Equatable, Sendable {
    var value: Double
    var timestampNanoseconds: Int64?
  }

  /// The series of one cgroup.
  struct Cgroup: Equatable, Sendable {
    /// Its path; empty where the page does not tell.
    var id = ""
    var name = ""
    var namespace = ""
    var pod = ""
    var container = ""
    /// By wanted label, as the page spells it.
    var labels: [String: String] = [:]
    /// CPU seconds, by core or `total`.
    var cpu: [String: Reading] = [:]
    var quotaMicroseconds: Double?
    var periodMicroseconds: Double?
    var shares: Double?
    var startSeconds: Double?
    var periods: Double?
    var throttledPeriods: Double?
    var pressureSeconds: Double?
  }

  /// CPU seconds of one core of the machine, by mode.
  struct Core: Equatable, Sendable {
    var modes: [String: Reading] = [:]
  }

  private(set) var cgroups: [String: Cgroup] = [:]
  private(set) var cores: [String: Core] = [:]
  private(set) var machineCores: Double?
  /// Lines that were taken in.
  private(set) var series = 0
  /// The machine that each kind of series is of, by the label that Prometheus gives to what it scrapes.
  private var instances: [MetricName: String] = [:]
  /// Two machines whose series of one kind are on the page.
  private(set) var mixedInstances: [String]?

  /// A target of Prometheus', as `web1:9100`.
  static let instanceLabel = "instance"
  /// Wanted lines that could not be read, and the beginning of the first.
  var malformedLines = 0
  var malformedLine: String?
  /// From the answer's head, in nanoseconds since 1970.
  var answeredAtNanoseconds: Int64?
  /// When its first part came, on the clock of whoever asked.
  var receivedAt: Timestamp?

  /// Takes in one line.
  mutating func take(_ sample: TextSample, meaning: MetricName, names: MetricNames) {
    // What is not finite, or negative, is no time and no limit.
    guard sample.value.isFinite, sample.value >= 0 else { return }
    series += 1
    note(sample.labels[Self.instanceLabel], of: meaning)
    func label(_ name: MetricName) -> String { sample.labels[names[name]] ?? "" }
    let reading = Reading(
      value: sample.value, timestampNanoseconds: sample.timestampNanoseconds)
    switch meaning {
    case .machineCores:
      if sample.value >= 1 { machineCores = sample.value }
    case .nodeCPU:
      cores[label(.cpu), default: Core()].modes.takeNewest(reading, as: label(.mode))
    default:
      let key = [label(.id), label(.namespace), label(.pod), label(.container), label(.name)]
        .joined(separator: "\u{0}")
      if cgroups[key] == nil {
        cgroups[key] = Cgroup(
          id: label(.id), name: label(.name), namespace: label(.namespace), pod: label(.pod),
          container: label(.container), labels: sample.labels)
      }
      cgroups[key]?.take(reading, as: meaning, of: label(.cpu))
    }
  }

  /// One machine may be scraped at several ports, of which each has series of its own kind.
  private mutating func note(_ instance: String?, of meaning: MetricName) {
    guard let instance, mixedInstances == nil else { return }
    guard let known = instances[meaning] else { return instances[meaning] = instance }
    if known != instance, Self.machine(of: known) != Self.machine(of: instance) {
      mixedInstances = [known, instance].sorted()
    }
  }

  private static func machine(of instance: String) -> Substring {
    guard let colon = instance.lastIndex(of: ":"),
      instance[colon...].dropFirst().allSatisfy(\.isNumber)
    else { return instance[...] }
    return instance[..<colon]
  }

  /// Whether it has any of the series that are read.
  var isOfUse: Bool { !cgroups.isEmpty || !cores.isEmpty }
}

extension MetricsPage.Cgroup {
  fileprivate mutating func take(
    _ reading: MetricsPage.Reading, as meaning: MetricName, of cpu: String
  ) {
    let value = reading.value
    switch meaning {
    case .containerCPU: self.cpu.takeNewest(reading, as: cpu)
    case .containerQuota: quotaMicroseconds = value
    case .containerPeriod: periodMicroseconds = value
    case .containerShares: shares = value
    case .containerStart: startSeconds = value
    case .containerPeriods: periods = value
    case .containerThrottledPeriods: throttledPeriods = value
    case .containerPressure: pressureSeconds = value
    default: break
    }
  }
}

extension [String: MetricsPage.Reading] {
  /// The same series by another way (two jobs of one Prometheus) counts once.
  fileprivate mutating func takeNewest(_ reading: MetricsPage.Reading, as key: String) {
    if let known = self[key], let then = known.timestampNanoseconds,
      let now = reading.timestampNanoseconds, now < then
    {
      return
    }
    self[key] = reading
  }
}

extension MetricsPage.Cgroup {
  /// CPU seconds over all cores: the total, or else the sum; `nil` where it has none.
  var usage: MetricsPage.Reading? {
    if let total = cpu["total"] ?? cpu[""] { return total }
    guard !cpu.isEmpty else { return nil }
    return MetricsPage.Reading(
      value: cpu.values.reduce(0) { $0 + $1.value },
      timestampNanoseconds: cpu.values.compactMap(\.timestampNanoseconds).max())
  }

  /// A container, by whatever name: not a slice, a pod as a whole, or what holds a pod's network.
  var isContainer: Bool {
    if id == "/" { return false }
    if !pod.isEmpty || !container.isEmpty { return !container.isEmpty && container != "POD" }
    return !name.isEmpty
  }

  /// Whether anything is told of its limits: then a quota that is missing is one that it has not.
  var tellsLimits: Bool {
    quotaMicroseconds != nil || periodMicroseconds != nil || shares != nil
  }

  /// Its own id at its runtime, from the end of its path: 64 hex digits.
  var runtimeID: String? {
    guard var last = id.split(separator: "/").last else { return nil }
    if last.hasSuffix(".scope") { last = last.dropLast(".scope".count) }
    let hex = last.split(separator: "-").last ?? last
    return hex.utf8.count == 64 && hex.allSatisfy { $0.isASCII && $0.isHexDigit }
      ? String(hex) : nil
  }
}

extension MetricsPage {
  /// What the machine's cores did, over all.
  struct HostUse: Equatable, Sendable {
    /// CPU seconds of its own work.
    var own: Double
    /// The same, and what a hypervisor gave to others meanwhile.
    var all: Double
    var timestampNanoseconds: Int64?
  }

  /// Modes that are no work: waiting for a disk is idleness, too.
  private static let idleModes: Set = ["idle", "iowait"]
  private static let foreignMode = "steal"
  /// The work of guests is in `user` and `nice` already.
  private static let countedModes: Set = ["guest", "guest_nice"]

  /// What node_exporter tells; `nil` where it does not.
  var hostUse: HostUse? {
    guard !cores.isEmpty else { return nil }
    var use = HostUse(own: 0, all: 0)
    for core in cores.values {
      for (mode, reading) in core.modes
      where !Self.idleModes.contains(mode) && !Self.countedModes.contains(mode) {
        use.all += reading.value
        if mode != Self.foreignMode { use.own += reading.value }
        if let time = reading.timestampNanoseconds {
          use.timestampNanoseconds = max(time, use.timestampNanoseconds ?? time)
        }
      }
    }
    return use
  }
}
