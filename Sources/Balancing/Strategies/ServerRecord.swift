extension CapacityStrategy {
  /// What is kept of one server.
  struct ServerRecord: Hashable, Codable, Sendable {
    /// How far its requests were set against CPU time that is later than the last look at them.
    var countedAhead: CounterHistory.Poll?
    var settling = Settling()
    var queue = QueueClearing()
    var cost = CostLearner()
    /// What it was when a balancer was reloaded last.
    var costAtReload: CostLearner?
    var blindBrake = BlindBrake()
    var shares = ShareHistory()
    var lastSeen: Timestamp
    /// When a window of requests counted here taught its cost last.
    var learnedAt: Timestamp?

    mutating func rememberCost() { costAtReload = cost }
  }
}
