import Balancing
import Control
import EvenkeelDaemon
import PrometheusText
import TestSupport

extension FuzzTarget {
  private static let tokens = [
    "container_cpu_usage_seconds_total{", "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} ",
    "container_spec_cpu_quota{id=\"/\"} ", "machine_cpu_cores ", "# EOF", "# {a=\"b\"} 1\n",
    "\\n\"",
    "+Inf", "NaN", "-1e308", " 9223372036854775807\n", " 1e308\n", "{\"cpu\",", "pod=\"a\",",
    "\r\n",
  ]

  static func metricsPage() throws -> FuzzTarget {
    let corpus =
      try Corpus.cadvisor(["metrics-docker-only-lean.txt"]) + Corpus.written(for: "metrics")
    return FuzzTarget("metrics-page", corpus: corpus, tokens: tokens) { bytes in
      for isWholeHost in [nil, true] {
        do {
          let reading = try HostReading.ofMetrics(bytes, isWholeHost: isWholeHost)
          for container in reading.containers {
            try require(!container.aliases.isEmpty, "a container without a name")
            guard let quota = container.quotaCores else { continue }
            try require(quota > 0 && quota.isFinite, "a quota of \(quota) cores")
          }
          try require(
            reading.malformed.values.allSatisfy { $0.utf8.count <= 2_000 },
            "a part is refused with too many words")
        } catch let refusal as MalformedText {
          try require(
            (1...2_000).contains(refusal.detail.utf8.count), "refused without a fit word")
        }
      }
    }
  }
}
