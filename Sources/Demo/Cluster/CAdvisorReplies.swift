import FoundationEssentials

/// What cAdvisor would answer on one host of the demo: the parts of its replies that are always
/// there, for containers whose CPU counters are those of the virtual servers.
struct CAdvisorReplies: Sendable {
  let host: Cluster.Host
  let servers: [VirtualServer]
  let clock: DemoClock

  /// `v2.1/stats?type=docker&recursive=true&count=1`: the containers' samples, without quotas.
  func containerStats() -> [String: StatsWithSpec] {
    keyedByPath { server in
      StatsWithSpec(
        spec: ContainerSpec(
          creationTime: created, aliases: aliases(of: server), namespace: "docker",
          cpu: CPULimits(quota: nil, period: nil)),
        stats: [sample(of: [server])])
    }
  }

  /// `v2.1/machinestats?count=1`: the host's sample. Nothing but the containers runs on it.
  func machineStats() -> [Sample] {
    [sample(of: servers)]
  }

  /// `v1.3/docker/` with `num_stats` 0: the containers' quotas, without samples.
  func containers() -> [String: ContainerInfo] {
    keyedByPath { server in
      let period = 100_000
      return ContainerInfo(
        id: containerID(of: server), name: path(of: server), aliases: aliases(of: server),
        namespace: "docker",
        spec: ContainerSpec(
          creationTime: created,
          cpu: CPULimits(
            quota: Int((server.description.quotaCores * Double(period)).rounded()),
            period: period)))
    }
  }

  /// `v1.3/machine`.
  func machine() -> Machine {
    Machine(
      timestamp: timestamp(at: clock.now), cores: host.cores,
      machineID: hexadecimal(of: host.name, digits: 32), bootID: "demo-\(host.name)")
  }

  private var created: String { timestamp(at: .zero) }

  private func timestamp(at moment: Duration) -> String {
    rfc3339(nanoseconds: clock.wallNanoseconds(at: moment))
  }

  private func sample(of servers: [VirtualServer]) -> Sample {
    let now = clock.now
    let used = servers.reduce(0) { $0 + $1.read().cpuNanoseconds }
    return Sample(timestamp: timestamp(at: now), cpu: CPUUse(usage: CPUUsage(total: used)))
  }

  private func keyedByPath<Value>(_ value: (VirtualServer) -> Value) -> [String: Value] {
    Dictionary(servers.map { (path(of: $0), value($0)) }) { first, _ in first }
  }

  private func aliases(of server: VirtualServer) -> [String] {
    [server.description.name, containerID(of: server)]
  }

  private func path(of server: VirtualServer) -> String { "/docker/\(containerID(of: server))" }

  private func containerID(of server: VirtualServer) -> String {
    hexadecimal(of: server.description.name, digits: 64)
  }

  /// An id as Docker makes them, always the same for the same name.
  private func hexadecimal(of name: String, digits: Int) -> String {
    // FNV-1a, since the standard library's hashes differ from run to run.
    let seed = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    var generator = SeededGenerator(seed: seed)
    return String(
      (0..<digits).map { _ in
        "0123456789abcdef".randomElement(using: &generator) ?? "0"
      })
  }
}

/// A moment as Go writes it, to the nanosecond.
func rfc3339(nanoseconds: Int64) -> String {
  let (seconds, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
  let whole = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
  let digits = String(fraction)
  let padding = String(repeating: "0", count: max(0, 9 - digits.count))
  return "\(whole.dropLast()).\(padding)\(digits)Z"
}
