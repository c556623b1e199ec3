// Requests that wait, and the ticks that they are worth.

extension CapacityStrategy {
  /// - Returns: for each server the queue that is being cleared, or else what its answers have told
  ///   of its cost, if there is either.
  mutating func observeQueues(
    _ levelled: [LevelledServer], _ piles: [Double?], in tick: Tick
  ) -> [QueuedWork?] {
    // What the quickest server takes for a request is no queue elsewhere: sessions may last.
    let calmSeconds = levelled.compactMap(\.backlog.stayByArrivals.usualSeconds).min() ?? 0
    return zip(levelled, piles).map { one, pile in
      guard var record = records[one.name] else { return nil }
      let (load, counts) = (one.load, one.counts)
      let pile = tick.discipline.isByRate ? pile : nil
      var queue = QueuedWork(
        requests: isForCPU(one, in: tick) ? one.backlog.queue(beyond: calmSeconds) : 0,
        cost: one.cost)
      if let pile {
        queue.cost = max(
          one.cost, one.backlog.costAtFullSpeed(limitCores: load.limitCores, pace: tick.pace))
        queue.requests = max(queue.requests, pile)
      }
      record.queue.observe(
        intervals: queue.intervals(ofCores: load.limitCores, pace: tick.pace),
        byChance: chanceQueue(load, cost: queue.cost, in: tick), share: one.server.share)
      record.queue.followSpell(
        isPiled: pile != nil, counts.answered, sampledSince: load.began, at: tick.now)
      let told = record.queue.spell?.cost(
        counts.answered, limitCores: load.limitCores, beyond: one.cost, of: one.evidence,
        noise: noise)
      records[one.name] = record
      guard record.queue.isUnderWay else { return told.map { QueuedWork(requests: 0, cost: $0) } }
      queue.cost = max(queue.cost, told ?? 0)
      return queue
    }
  }

  /// Intervals of a server's CPU that wait by chance; none while there may be another reason.
  private func chanceQueue(_ load: Load.Measured, cost: Double, in tick: Tick) -> Double {
    guard steadiness.lasts(at: tick.now), tick.discipline.isByRate else { return 0 }
    return
      (load.isLate(in: tick) ? CapacityConstants.lateChanceQueues : CapacityConstants.chanceQueues)
      * ChanceQueue.meanIntervals(
        utilisation: load.utilisation.value, noise: noise,
        serviceSeconds: cost / load.limitCores, interval: tick.pace)
  }

  /// Whether a server's requests wait for want of CPU, and can be cleared before the next look: HAProxy may
  /// empty queues itself, or so few requests come that none can be withheld.
  private func isForCPU(_ one: LevelledServer, in tick: Tick) -> Bool {
    let arrivals = one.backlog.arrivalsPerSecond ?? 0
    let canClear =
      arrivals * tick.pace >= CapacityConstants.activeRequests
      || records[one.name]?.queue.isUnderWay == true
    guard tick.discipline.isByRate, canClear else { return false }
    return one.load.cores > CapacityConstants.busyServer * one.load.limitCores
      || meters.fill(of: one.load.host, in: tick) ?? 0 > CapacityConstants.fullHost
  }

  /// Whether a queue is being cleared, or requests pile up at a server that is below its due: as long as that
  /// stands, others have more than theirs. So its end is not to be missed, however full they look meanwhile.
  mutating func isClearing(_ wishes: [ShareTargets.Wish], _ piles: [Double?]) -> Bool {
    let standing = wishes.reduce(0) { $0 + $1.view.server.share }
    var isClearing = false
    for (wish, pile) in zip(wishes, piles) {
      let server = wish.view.server
      let due = wish.share * standing * (1 - CapacityConstants.lowerDeadBand)
      let isQuick = records[server.name]?.queue.takeQuickTick(
        isPileBelowDue: pile != nil && server.share < due)
      isClearing = isClearing || isQuick == true
    }
    return isClearing
  }

  /// Whether a queue might be one, where samples will tell of its reason much later.
  mutating func isLookingTwice(_ levelled: [LevelledServer], in tick: Tick) -> Bool {
    let isDoubtful = levelled.contains {
      records[$0.name]?.queue.isDoubtful == true && $0.load.isLate(in: tick)
    }
    return looks.take(if: isDoubtful, of: CapacityConstants.youngTicks)
  }
}
