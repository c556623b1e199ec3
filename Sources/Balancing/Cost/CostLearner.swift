/// Learns what a request costs one server, in CPU seconds, from windows of both counters.
///
/// Cost is a property of server and code, not of the weight: it may be averaged over minutes.
/// Evidence fades with time, counts less when it comes from another request rate, and is dropped
/// when the last windows contradict it beyond their noise.
struct CostLearner: Hashable, Codable, Sendable {
  struct Window: Hashable, Codable, Sendable {
    var cpuSeconds: Double
    var requests: Double
    var seconds: Double

    static func sum(_ windows: [Window]) -> Window {
      windows.reduce(Window(cpuSeconds: 0, requests: 0, seconds: 0)) { sum, window in
        Window(
          cpuSeconds: sum.cpuSeconds + window.cpuSeconds, requests: sum.requests + window.requests,
          seconds: sum.seconds + window.seconds)
      }
    }
  }

  /// CPU seconds of the evidence.
  private(set) var cpuSeconds = 0.0
  /// Requests of the evidence.
  private(set) var requests = 0.0
  /// Seconds over which the evidence was had.
  private var seconds = 0.0
  /// The last windows: as many as last for `recentSeconds`.
  private var recent: [Window] = []
  /// Requests a second that the evidence stands for.
  private var rate = UsualRate()

  /// After a container's restart the old cost stays as a weak belief.
  mutating func restart() {
    if requests > CapacityConstants.priorRequests {
      scale(by: CapacityConstants.priorRequests / requests)
    }
    recent.removeAll()
  }

  /// Discounts what was learned at another request rate, and fades it.
  ///
  /// - Parameter activity: how busy the backend as a whole is, 0…1: idle nights forget nothing.
  mutating func fade(before window: Window, activity: Double) {
    let busySeconds = activity * window.seconds
    let seen = Window.sum(Self.newest(of: recent + [window]))
    // An idle window says nothing of an operating point, nor do few requests.
    if window.requests >= 1, seen.requests >= CapacityConstants.activeRequests {
      let likeness = rate.observe(
        seen.requests, over: seen.seconds, elapsed: busySeconds,
        memory: CapacityConstants.rateSeconds)
      // What is known stays known, by half as much again: else few requests, whose number is chance, would
      // have it learn and steer in turns.
      let kept = 1.5 * CapacityConstants.fewRequests
      if likeness < 1 { scale(by: max(likeness, min(1, kept / max(requests, 1)))) }
    }
    scale(by: Fading.kept(after: busySeconds, memory: CapacityConstants.evidenceSeconds))
  }

  /// How far a window is off what was learned: its squared error in units of one request's cost.
  func surprise(of window: Window) -> Double? {
    guard requests >= 1, window.requests >= 1 else { return nil }
    let cost = cpuSeconds / requests
    guard cost > 0 else { return nil }
    let error = window.cpuSeconds / cost - window.requests
    return error * error / window.requests
  }

  /// Adds a window to the evidence, or replaces all by the last windows if they contradict it.
  mutating func learn(_ window: Window, noise: RequestNoise) {
    guard window.requests >= 1 else { return }
    cpuSeconds += window.cpuSeconds
    requests += window.requests
    seconds += window.seconds
    recent = Self.newest(of: recent + [window])
    let seen = Window.sum(recent)
    guard seen.requests >= CapacityConstants.fewRequests, requests > seen.requests else { return }
    let change = (seen.cpuSeconds / seen.requests) / (cpuSeconds / requests)
    if noise.contradicts(change, from: seen.requests, requests) {
      cpuSeconds = seen.cpuSeconds
      requests = seen.requests
      seconds = seen.seconds
    }
  }

  /// What was learned costs so many times as much now.
  mutating func change(by factor: Double) {
    cpuSeconds *= factor
    for index in recent.indices { recent[index].cpuSeconds *= factor }
  }

  /// As many of the last windows as last for `recentSeconds`.
  private static func newest(of windows: [Window]) -> [Window] {
    var seconds = 0.0
    let newest = windows.reversed().prefix { window in
      defer { seconds += window.seconds }
      return seconds < CapacityConstants.recentSeconds
    }
    return newest.reversed()
  }

  /// Adds what another evenkeel learned, as far as it may count: what was learned here goes with it.
  mutating func believe(_ told: ToldCost) {
    let believed = min(told.requests, CapacityConstants.mostPriorRequests)
    cpuSeconds += told.secondsPerRequest * believed
    requests += believed
    seconds += Self.seconds(for: believed)
  }

  /// Seconds over which so many requests were seen, where nobody tells: as if the most that counts came in
  /// all the time that counts.
  private static func seconds(for requests: Double) -> Double {
    CapacityConstants.evidenceSeconds
      * min(1, max(0, requests / CapacityConstants.mostPriorRequests))
  }

  /// All that counts, as one window.
  var evidence: Window {
    Window(cpuSeconds: cpuSeconds, requests: requests, seconds: seconds)
  }

  /// What outlasts a run: the evidence, without the windows that a change is judged by.
  var lasting: CostLearner {
    var lasting = self
    lasting.recent = []
    return lasting
  }

  private mutating func scale(by factor: Double) {
    cpuSeconds *= factor
    requests *= factor
    seconds *= factor
  }
}

/// What is in a file may be anything; what was learned may not, since it would be weights at once.
extension CostLearner {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    cpuSeconds = try container.decode(Double.self, forKey: .cpuSeconds)
    requests = try container.decode(Double.self, forKey: .requests)
    seconds =
      try container.decodeIfPresent(Double.self, forKey: .seconds) ?? Self.seconds(for: requests)
    recent = try container.decodeIfPresent([Window].self, forKey: .recent) ?? []
    rate = try container.decodeIfPresent(UsualRate.self, forKey: .rate) ?? UsualRate()
    let numbers =
      [cpuSeconds, requests, seconds] + recent.flatMap { [$0.cpuSeconds, $0.requests, $0.seconds] }
    guard numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .cpuSeconds, in: container,
        debugDescription: "numbers that cannot have been learned")
    }
  }
}
