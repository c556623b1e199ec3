import Balancing
import CheckedJSON
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

  static func targetGroups() throws -> FuzzTarget {
    let corpus = try Corpus.written(for: "targets")
    let tokens = [
      "\"targets\":", "\"__scheme__\":\"https\"", ":65536", "[::]:1", "\"labels\":{", "- ", "  - ",
      "&a ", "*a", "? ", "---\n", "|\n", "!!binary ", "'", "\n  ", "[[[[[[[[", "{{{{", "<<: *a",
    ]
    return FuzzTarget("target-groups", corpus: corpus, tokens: tokens) { bytes in
      for format in [TargetGroups.Format.json, .yaml] {
        do {
          for target in try TargetGroups.parse(bytes, of: "targets", as: format) {
            try require((1...65_535).contains(target.port), "a port of \(target.port)")
            try require(!target.host.isEmpty, "a host without a name")
          }
        } catch let refusal as InvalidFile {
          try require(!refusal.problems.isEmpty, "refused without a word")
        }
      }
    }
  }
}
