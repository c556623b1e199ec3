// Requests that wait, and the ticks that they are worth.

extension CapacityStrategy {
  /// A server's queue that is being cleared, if there is one, and what its requests cost by it.
  struct Queue {
    var requests: Double
    /// CPU seconds a request.
    var cost: Double
  }

  /// - Returns: for each server the queue that is being cleared, or else what its answers have told
  ///   of its cost, if there is either.
  mutating func observeQueues(
    _ levelled: [LevelledServer], _ piles: [PileUp?], in tick: Tick
  ) -> [Queue?] {
    // What the quickest server takes for a request is no queue elsewhere: sessions may last.
    let calmSeconds = levelled.compactMap(\.counts.stay.usualSeconds).min() ?? 0
    return zip(levelled, piles).map { one, pile in
      guard var record = records[one.name] else { return nil }
      let (load, counts) = (one.load, one.counts)
      let pile = tick.discipline.isByRate ? pile : nil
      let usual = calmSeconds * (counts.arrivalsPerSecond ?? 0)
      var queue = Queue(requests: max(0, queued(one, in: tick) - usual), cost: one.cost)
      if let pile {
        let answers = counts.answersPerSecond ?? 0
        // One more may come before the next tick.
        queue.cost = max(one.cost, load.limitCores / max(answers, 1 / tick.pace))
        queue.requests = max(queue.requests, pile.excess)
      }
      record.queue.observe(
        intervals: queue.requests * queue.cost / load.limitCores / tick.pace,
        byChance: chanceQueue(load, cost: queue.cost, in: tick), share: one.server.share)
      record.followSpell(
        isPiled: pile != nil, counts.answered, sampledSince: load.began, at: tick.now)
      let told = record.busy?.cost(
        counts.answered, limitCores: load.limitCores, beyond: one.cost, of: one.evidence,
        noise: noise)
      records[one.name] = record
      guard record.queue.isUnderWay else { return told.map { Queue(requests: 0, cost: $0) } }
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

  /// Requests that wait for want of CPU, to be cleared before the next look. Where HAProxy empties queues
  /// itself, none are counted, nor where so few requests come that none can be withheld.
  private func queued(_ one: LevelledServer, in tick: Tick) -> Double {
    let arrivals = one.counts.arrivalsPerSecond ?? 0
    let canClear =
      arrivals * tick.pace >= CapacityConstants.activeRequests
      || records[one.name]?.queue.isUnderWay == true
    guard tick.discipline.isByRate, canClear, let inFlight = one.server.requests?.inFlight else {
      return 0
    }
    let isBusy =
      one.load.cores > CapacityConstants.busyServer * one.load.limitCores
      || meters.fill(of: one.load.host, in: tick) ?? 0 > CapacityConstants.fullHost
    return isBusy ? max(0, inFlight - CapacityConstants.idleInFlight) : 0
  }

  /// Whether a queue is being cleared, or requests pile up at a server that is below its due: as long as that
  /// stands, others have more than theirs. So its end is not to be missed, however full they look meanwhile.
  mutating func isClearing(_ wishes: [ShareTargets.Wish], _ piles: [PileUp?]) -> Bool {
    let standing = wishes.reduce(0) { $0 + $1.view.server.share }
    var isClearing = false
    for (wish, pile) in zip(wishes, piles) {
      let server = wish.view.server
      let due = wish.share * standing * (1 - CapacityConstants.lowerDeadBand)
      let isQueued =
        records[server.name]?.queue.isUnderWay == true || pile != nil && server.share < due
      let isQuick = records[server.name]?.clearing.take(
        if: isQueued, of: CapacityConstants.clearingTicks)
      isClearing = isClearing || isQuick == true
    }
    return isClearing
  }

  /// Whether a queue might be one, where samples will tell of its reason much later.
  mutating func isLookingTwice(_ levelled: [LevelledServer], in tick: Tick) -> Bool {
    let isDoubtful = levelled.contains {
      records[$0.name]?.queue.isDoubtful == true && $0.load.isLate(in: tick)
    }
    return looks.take(if: isDoubtful, of: CapacityConstants.lookTicks)
  }
}
