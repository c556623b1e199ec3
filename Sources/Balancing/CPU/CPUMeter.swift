/// Reads a cumulative CPU counter window by window.
///
/// A window goes from the last sample used to the newest one, on the clock of whoever took them,
/// so that late or missing samples make a rate late but never wrong.
struct CPUMeter: Hashable, Codable, Sendable {
  /// The last sample used: where the next window begins.
  private(set) var end: CPUSample?
  /// What the last window gave.
  private(set) var rate: Rate?

  struct Rate: Hashable, Codable, Sendable {
    var cores: Double
    /// When the window began and ended, on the counter's clock.
    var from: Timestamp
    var to: Timestamp
  }

  struct Window: Hashable, Sendable {
    var from: CPUSample
    var to: CPUSample
    var cpuSeconds: Double
    var seconds: Double
  }

  /// Which sample a window may begin with, on the counter's clock.
  enum Start: Hashable, Sendable {
    /// One that is not older: before it, nothing is known of the requests.
    case notBefore(Timestamp)
    /// If possible one that is younger: what came before was under other weights.
    case preferablyAfter(Timestamp?)
  }

  mutating func restart() {
    end = nil
    rate = nil
  }

  /// Restarts if counter or time went back since the last sample used.
  ///
  /// One that has been taken back since, as its successor contradicted it, is no such thing: what it
  /// gave is forgotten, and the window goes on from the sample before it.
  ///
  /// - Returns: whether they did.
  mutating func restartAfterFall(in run: SampleRun) -> Bool {
    guard let used = end, let first = run.samples.first, let newest = run.samples.last else {
      return false
    }
    if first.timestamp < used.timestamp, newest.timestamp >= used.timestamp,
      !run.samples.contains(used)
    {
      end = run.samples.last { $0.timestamp < used.timestamp }
      rate = nil
    }
    guard let end else { return false }
    let wentBack =
      newest.timestamp < end.timestamp || newest.cpuNanoseconds < end.cpuNanoseconds
      || (run.followsFall && first.timestamp > end.timestamp)
    if wentBack { restart() }
    return wentBack
  }

  /// Closes a window at the newest sample, unless it would be too short to say anything.
  ///
  /// - Parameters:
  ///   - shortest: seconds, above 0.
  ///   - ceiling: cores above which the counter is not believed.
  mutating func close(
    at run: SampleRun, from start: Start, shortest: Double, ceiling: Double
  ) -> Window? {
    guard let newest = run.samples.last else { return nil }
    begin(run, start, newest: newest, shortest: shortest)
    guard let begin = end else { return nil }
    let seconds = newest.timestamp.seconds(since: begin.timestamp)
    guard seconds >= shortest, let cpuSeconds = newest.cpuSeconds(since: begin) else { return nil }
    end = newest
    guard cpuSeconds <= ceiling * seconds else {
      rate = nil
      return nil
    }
    rate = Rate(cores: cpuSeconds / seconds, from: begin.timestamp, to: newest.timestamp)
    return Window(from: begin, to: newest, cpuSeconds: cpuSeconds, seconds: seconds)
  }

  private mutating func begin(
    _ run: SampleRun, _ start: Start, newest: CPUSample, shortest: Double
  ) {
    switch start {
    case .notBefore(let moment):
      if let end, end.timestamp >= moment { return }
      end = run.samples.first { $0.timestamp >= moment }
    case .preferablyAfter(let moment):
      end = end ?? run.samples.first
      guard let moment, let current = end, current.timestamp <= moment else { return }
      let later = run.samples.first {
        $0.timestamp > moment && newest.timestamp.seconds(since: $0.timestamp) >= shortest
      }
      end = later ?? current
    }
  }
}
