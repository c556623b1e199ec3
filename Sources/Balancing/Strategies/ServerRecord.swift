extension CapacityStrategy {
  /// What is kept of one server.
  struct ServerRecord: Hashable, Codable, Sendable {
    /// How far its requests were set against CPU time that is later than the last look at them.
    var countedAhead: CounterHistory.Poll?
    var settling = Settling()
    var queue = QueueClearing()
    /// For clearing its queue.
    var clearing = QuickTickBudget(CapacityConstants.clearingTicks)
    var cost = CostLearner()
    /// What it was when a balancer was reloaded last.
    var costAtReload: CostLearner?
    var busy: SaturatedTime?
    var blindBrake = BlindBrake()
    var shares = ShareHistory()
    var lastSeen: Timestamp
    /// When a window of requests counted here taught its cost last.
    var learnedAt: Timestamp?

    func rememberingCost() -> Self {
      var record = self
      record.costAtReload = cost
      return record
    }

    /// A spell begins with a queue that is worth clearing, after the poll before this one, and lasts
    /// until samples tell as much.
    ///
    /// - Parameters:
    ///   - answered: what it answered well.
    ///   - began: when the newest measurement of CPU use did.
    mutating func followSpell(
      isPiled: Bool, _ answered: CounterHistory, sampledSince began: Timestamp, at now: Timestamp
    ) {
      if isPiled {
        guard queue.isUnderWay || busy != nil,
          let start = busy?.began ?? answered.pollBefore(now)
        else { return }
        busy = SaturatedTime(began: max(start, began), ended: now)
      } else if let start = busy?.began, began >= start {
        busy = nil
      }
    }
  }
}
