/// What is read of a page of metrics, by its usual name: series, and labels of theirs.
package enum MetricName: String, CaseIterable, Sendable {
  // cAdvisor's, and those that the kubelet has from it.
  case containerCPU = "container_cpu_usage_seconds_total"
  case containerQuota = "container_spec_cpu_quota"
  case containerPeriod = "container_spec_cpu_period"
  case containerShares = "container_spec_cpu_shares"
  case containerPeriods = "container_cpu_cfs_periods_total"
  case containerThrottledPeriods = "container_cpu_cfs_throttled_periods_total"
  case containerPressure = "container_pressure_cpu_waiting_seconds_total"
  case containerStart = "container_start_time_seconds"
  case machineCores = "machine_cpu_cores"
  // node_exporter's.
  case nodeCPU = "node_cpu_seconds_total"
  // Labels.
  case id, name, cpu, mode, namespace, pod, container

  package var isLabel: Bool {
    switch self {
    case .id, .name, .cpu, .mode, .namespace, .pod, .container: true
    default: false
    }
  }
}

/// What each is called on one page, where that is not its usual name.
package struct MetricNames: Sendable, Equatable {
  private var others: [MetricName: String]

  package init(_ others: [MetricName: String] = [:]) { self.others = others }

  package subscript(name: MetricName) -> String { others[name] ?? name.rawValue }

  package var series: [String] {
    MetricName.allCases.filter { !$0.isLabel }.map { self[$0] }
  }

  package var labels: [String] { MetricName.allCases.filter(\.isLabel).map { self[$0] } }

  /// The meaning of a series, by its name on the page.
  var meanings: [String: MetricName] {
    Dictionary(
      MetricName.allCases.filter { !$0.isLabel }.map { (self[$0], $0) },
      uniquingKeysWith: { first, _ in first })
  }
}
