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
  }

  /// CPU seconds of the evidence.
  private(set) var cpuSeconds = 0.0
  /// Requests of the evidence.
  private(set) var requests = 0.0
  private var fast: [Window] = []
  /// Requests a second that the evidence stands for.
  private var meanRate: Double?

  /// After a container's restart the old cost stays as a weak belief.
  mutating func restart() {
    if requests > CapacityConstants.priorRequests {
      scale(by: CapacityConstants.priorRequests / requests)
    }
    fast.removeAll()
  }

  /// Discounts what was learned at another request rate, and fades it in an active tick.
  ///
  /// - Parameters:
  ///   - isActive: whether the backend as a whole is busy: idle nights forget nothing.
  ///   - interval: seconds of a usual tick; quick ones forget less.
  mutating func fade(before window: Window, isActive: Bool, interval: Double) {
    let rate = window.requests / window.seconds
    if let mean = meanRate {
      let ratio = min(rate / mean, mean / rate)
      if window.requests >= CapacityConstants.activeRequests,
        ratio < 1 / CapacityConstants.discount
      {
        // What is known stays known: else few requests, whose number is chance, would have it learn and
        // steer in turns.
        scale(by: max(ratio, min(1, CapacityConstants.keptRequests / max(requests, 1))))
        meanRate = rate
      } else if isActive {
        meanRate = mean + CapacityConstants.rateGain * (rate - mean)
      }
    } else if rate > 0 {
      meanRate = rate
    }
    if isActive {
      scale(by: 1 - min(window.seconds / interval, 1) / CapacityConstants.memoryTicks)
    }
  }

  /// How far a window is off what was learned: its squared error in units of one request's cost.
  func surprise(of window: Window) -> Double? {
    guard requests >= 1, window.requests >= 1 else { return nil }
    let cost = cpuSeconds / requests
    guard cost > 0 else { return nil }
    let error = window.cpuSeconds / cost - window.requests
    return min(error * error / window.requests, CapacityConstants.surpriseCap)
  }

  /// Adds a window to the evidence, or replaces all by the last windows if they contradict it.
  mutating func learn(_ window: Window, noise: RequestNoise) {
    guard window.requests >= 1 else { return }
    cpuSeconds += window.cpuSeconds
    requests += window.requests
    fast.append(window)
    fast.removeFirst(max(0, fast.count - CapacityConstants.fastWindows))
    let recentRequests = fast.reduce(0) { $0 + $1.requests }
    let recentSeconds = fast.reduce(0) { $0 + $1.cpuSeconds }
    guard recentRequests >= CapacityConstants.fastRequests, requests > recentRequests else {
      return
    }
    let change = (recentSeconds / recentRequests) / (cpuSeconds / requests)
    if noise.contradicts(change, from: recentRequests, requests) {
      cpuSeconds = recentSeconds
      requests = recentRequests
    }
  }

  /// Adds what another evenkeel learned, as far as it may count: what was learned here goes with it.
  mutating func believe(_ told: ToldCost) {
    let believed = min(told.requests, CapacityConstants.toldRequests)
    cpuSeconds += told.secondsPerRequest * believed
    requests += believed
  }

  /// What outlasts a run: the evidence, without the windows that a change is judged by.
  var lasting: CostLearner {
    var lasting = self
    lasting.fast = []
    return lasting
  }

  private mutating func scale(by factor: Double) {
    cpuSeconds *= factor
    requests *= factor
  }
}

/// What is in a file may be anything; what was learned may not, since it would be weights at once.
extension CostLearner {
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    cpuSeconds = try container.decode(Double.self, forKey: .cpuSeconds)
    requests = try container.decode(Double.self, forKey: .requests)
    fast = try container.decode([Window].self, forKey: .fast)
    meanRate = try container.decodeIfPresent(Double.self, forKey: .meanRate)
    let numbers =
      [cpuSeconds, requests, meanRate ?? 0]
      + fast.flatMap { [$0.cpuSeconds, $0.requests, $0.seconds] }
    guard numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .cpuSeconds, in: container,
        debugDescription: "numbers that cannot have been learned")
    }
  }
}
