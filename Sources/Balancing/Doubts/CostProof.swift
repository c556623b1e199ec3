/// How a server that really is that cheap is told from one whose counter is broken: its counter moves in
/// every window, and with the requests, for minutes.
struct CostProof: Hashable, Codable, Sendable {
  private var sum = ServerExaminer.Window()
  /// As many as prove it are enough to count.
  private var windows = 0.0

  /// CPU seconds a request, once it is proven.
  var cost: Double? {
    windows >= CapacityConstants.noAccident && sum.seconds >= CapacityConstants.evidenceSeconds
      ? sum.cost : nil
  }

  /// A window that does not fit begins the proof anew.
  mutating func add(_ window: ServerExaminer.Window) {
    let factor = CapacityConstants.farOff
    if windows > 0, window.cost > sum.cost * factor || window.cost < sum.cost / factor {
      self = CostProof()
    }
    sum.cpuSeconds += window.cpuSeconds
    sum.requests += window.requests
    sum.seconds += window.seconds
    windows = min(windows + 1, CapacityConstants.noAccident)
  }
}
