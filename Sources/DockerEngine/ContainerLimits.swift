/// What limits a container's CPU, as `GET /containers/ID/json` tells it.
package struct ContainerLimits: Equatable, Sendable {
  /// CPU time in each period; `nil` where there is no quota.
  package var quotaMicroseconds: Int64?
  package var periodMicroseconds: Int64?
  /// The CPUs that it may run on, as in `0-3,8`; `nil` for all.
  package var cpus: String?
  /// Its weight beside others; `nil` for the usual one.
  package var shares: Int64?

  package init(
    quotaMicroseconds: Int64? = nil, periodMicroseconds: Int64? = nil, cpus: String? = nil,
    shares: Int64? = nil
  ) {
    self.quotaMicroseconds = quotaMicroseconds
    self.periodMicroseconds = periodMicroseconds
    self.cpus = cpus
    self.shares = shares
  }
}

struct InspectedWire: Decodable {
  var HostConfig: Host?

  struct Host: Decodable {
    var NanoCpus: Int64?
    var CpuQuota: Int64?
    var CpuPeriod: Int64?
    var CpusetCpus: String?
    var CpuShares: Int64?
  }

  /// `nil` where nothing is told of limits.
  var limits: ContainerLimits? {
    guard let host = HostConfig else { return nil }
    var limits = ContainerLimits()
    if let nano = host.NanoCpus, nano > 0 {
      // `--cpus`: so many thousandths of a millionth of a core.
      limits.quotaMicroseconds = max(1, nano / 10_000)
      limits.periodMicroseconds = 100_000
    } else if let quota = host.CpuQuota, quota > 0 {
      limits.quotaMicroseconds = quota
      limits.periodMicroseconds = host.CpuPeriod.flatMap { $0 > 0 ? $0 : nil }
    }
    limits.cpus = host.CpusetCpus.flatMap { $0.isEmpty ? nil : $0 }
    limits.shares = host.CpuShares.flatMap { $0 > 0 ? $0 : nil }
    return limits
  }
}
