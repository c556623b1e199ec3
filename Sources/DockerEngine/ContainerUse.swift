/// What a container has used, as `GET /containers/ID/stats` tells it.
///
/// Podman's service answers the same: its counter is right, its percentages and `system_cpu_usage`
/// are not, and are not read of either.
package struct ContainerUse: Equatable, Sendable {
  /// When it was read, as RFC 3339 has it.
  package var readAt: String
  /// CPU time since the container was started, over all cores.
  package var cpuNanoseconds: UInt64
  /// Cores of its machine that are online.
  package var onlineCores: Int?

  /// Scheduler periods in which a quota was in force.
  package var periods: UInt64?
  /// Those of them in which the quota ran out.
  package var throttledPeriods: UInt64?

  package init(
    readAt: String, cpuNanoseconds: UInt64, onlineCores: Int? = nil, periods: UInt64? = nil,
    throttledPeriods: UInt64? = nil
  ) {
    self.readAt = readAt
    self.cpuNanoseconds = cpuNanoseconds
    self.onlineCores = onlineCores
    self.periods = periods
    self.throttledPeriods = throttledPeriods
  }
}

struct UseWire: Decodable {
  var read: String?
  var cpu_stats: CPU?

  struct CPU: Decodable {
    var cpu_usage: Usage?
    var online_cpus: Int?
    /// It is only shown: one of another form is none.
    var throttling_data: Tolerant<Throttling>?
  }
  struct Throttling: Decodable {
    var periods: UInt64?
    var throttled_periods: UInt64?
  }
  struct Usage: Decodable { var total_usage: UInt64? }

  /// `nil` for a container that has just ended: its numbers are missing or 0, and its time is none.
  var use: ContainerUse? {
    guard let read, !read.hasPrefix("0001-"), let used = cpu_stats?.cpu_usage?.total_usage,
      used > 0
    else { return nil }
    return ContainerUse(
      readAt: read, cpuNanoseconds: used,
      onlineCores: cpu_stats?.online_cpus.flatMap { (1...1_000_000).contains($0) ? $0 : nil },
      periods: cpu_stats?.throttling_data?.value?.periods,
      throttledPeriods: cpu_stats?.throttling_data?.value?.throttled_periods)
  }
}
