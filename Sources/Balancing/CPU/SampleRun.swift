/// The part of a list of samples that belongs together: counter and time only go forward in it.
struct SampleRun: Sendable {
  /// Oldest first, no timestamp twice.
  let samples: [CPUSample]
  /// Whether counter or time went back just before it, within the list.
  let followsFall: Bool

  init(_ list: [CPUSample]) {
    // Nearly every list is a run as it stands.
    let isRun = zip(list, list.dropFirst()).allSatisfy {
      $0.timestamp < $1.timestamp && $0.cpuNanoseconds <= $1.cpuNanoseconds
    }
    guard !isRun else {
      (samples, followsFall) = (list, false)
      return
    }
    var run: [CPUSample] = []
    var fell = false
    for sample in list {
      if let last = run.last {
        // The same reading asked for twice is not another sample.
        if sample == last { continue }
        if sample.timestamp <= last.timestamp || sample.cpuNanoseconds < last.cpuNanoseconds {
          run.removeAll(keepingCapacity: true)
          fell = true
        }
      }
      run.append(sample)
    }
    (samples, followsFall) = (run, fell)
  }

  private init(samples: [CPUSample], followsFall: Bool) {
    (self.samples, self.followsFall) = (samples, followsFall)
  }

  /// What there is of it from a moment on.
  func since(_ moment: Timestamp) -> SampleRun {
    guard let first = samples.first, first.timestamp < moment else { return self }
    return SampleRun(samples: Array(samples.drop { $0.timestamp < moment }), followsFall: false)
  }

  /// CPU seconds used between two moments, with straight lines between the samples.
  ///
  /// - Parameter rate: cores used after the newest sample, or where there is none.
  func cpuSeconds(from start: Timestamp, to end: Timestamp, beyond rate: Double) -> Double {
    guard !samples.isEmpty else { return max(0, rate * end.seconds(since: start)) }
    return max(0, cpuSeconds(at: end, beyond: rate) - cpuSeconds(at: start, beyond: rate))
  }

  /// CPU seconds since the oldest sample, none before it.
  private func cpuSeconds(at moment: Timestamp, beyond rate: Double) -> Double {
    guard let first = samples.first, let last = samples.last else { return 0 }
    guard let later = samples.firstIndex(where: { $0.timestamp >= moment }) else {
      return (last.cpuSeconds(since: first) ?? 0) + rate * moment.seconds(since: last.timestamp)
    }
    guard later > samples.startIndex else { return 0 }
    let (left, right) = (samples[samples.index(before: later)], samples[later])
    return Line(
      from: left.timestamp, to: right.timestamp, first: left.cpuSeconds(since: first) ?? 0,
      rise: right.cpuSeconds(since: left) ?? 0
    ).value(at: moment)
  }
}
