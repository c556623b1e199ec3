/// How the requests of a run, or of a part of it, fared.
package struct RequestFigures: Hashable, Sendable {
  /// `nil` when there were no requests.
  package var p50Milliseconds: Double?
  package var p99Milliseconds: Double?
  package var requests: Int
  package var failed: Int

  /// - Parameter latencies: seconds, in any order; a failed request's is the timeout.
  package init(latencies: [Float], failed: Int) {
    let sorted = latencies.sorted()
    p50Milliseconds = percentile(50, of: sorted).map { Double($0) * 1000 }
    p99Milliseconds = percentile(99, of: sorted).map { Double($0) * 1000 }
    requests = sorted.count
    self.failed = failed
  }
}

/// The least value that so many percent are not above (nearest rank); `nil` of nothing.
///
/// Exact, for a comparison must not hang on a histogram's error: the sorted copy takes a third of
/// the record's own memory.
func percentile(_ percent: Int, of sorted: [Float]) -> Float? {
  let rank = (sorted.count * percent + 99) / 100
  return sorted.isEmpty ? nil : sorted[min(max(rank - 1, 0), sorted.count - 1)]
}

extension RunRecord {
  /// The figures of all requests, and of those that arrived in each phase.
  func requestFigures(by phases: [Phase]) -> (all: RequestFigures, phases: [RequestFigures]) {
    var all = Latencies()
    var parts = phases.map { _ in Latencies() }
    all.values.reserveCapacity(requests.count)
    let timeout = Float(scenario.request.timeoutSeconds)
    for request in requests {
      all.add(request, timeout: timeout)
      // By its arrival: a timeout 30 s later is not the next phase's fault.
      let arrival = Double(request.endedAtSeconds) - Double(request.latencySeconds)
      if let phase = phases.index(at: arrival) { parts[phase].add(request, timeout: timeout) }
    }
    return (all.figures, parts.map(\.figures))
  }

  private struct Latencies {
    var values: [Float] = []
    var failed = 0

    var figures: RequestFigures { RequestFigures(latencies: values, failed: failed) }

    mutating func add(_ request: RequestOutcome, timeout: Float) {
      values.append(request.hasFailed ? timeout : request.latencySeconds)
      if request.hasFailed { failed += 1 }
    }
  }
}

extension [Phase] {
  /// The phase, of phases by time, that a moment lies in.
  fileprivate func index(at seconds: Double) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].fromSeconds <= seconds { low = middle + 1 } else { high = middle }
    }
    guard low > 0, seconds < self[low - 1].toSeconds else { return nil }
    return low - 1
  }
}
