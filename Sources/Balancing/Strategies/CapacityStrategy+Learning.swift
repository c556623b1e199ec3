// From what was counted to what a request costs.

extension CapacityStrategy {
  /// What was learned under weights that others chose is not gone on with.
  mutating func setOut(at now: Timestamp) {
    firstPlan.begin(at: now)
    for name in records.keys { records[name]?.cost.restart() }
  }

  /// Takes in what was counted, of all servers, whatever their state.
  ///
  /// - Returns: what their containers did, in their order.
  mutating func learn(from tick: Tick) -> [LoadMeters.Outcome] {
    if tick.reloadedAt != reloadedAt {
      reloadedAt = tick.reloadedAt
      for name in records.keys { records[name]?.rememberCost() }
    }
    for server in tick.servers {
      let known = records[server.name]
      var record = known ?? ServerRecord(lastSeen: tick.now)
      record.lastSeen = tick.now
      record.shares.add(server.share, at: tick.now, memory: tick.memorySeconds)
      if server.state.isAway || (known == nil && hasBegun) {
        beginAnew(&record)
      }
      if server.doubt == .uncounted, let before = record.costAtReload {
        // What was learned since was an old process's work, too.
        record.cost = before
      }
      records[server.name] = record
    }
    hasBegun = true
    tick.forgetOld(in: &records, seen: tick.servers.count, by: \.lastSeen)
    let outcomes = meters.update(tick) { server in
      // Without this tick's counters a window stays open: it closes later, over the gap.
      guard server.work != nil else { return nil }
      return tick.counts[server.name]?.answered.beginning.map(CPUMeter.Start.notBefore)
    }
    let windows = closeWindows(outcomes, in: tick)
    let all = CostLearner.Window.sum(windows.map(\.window))
    let activity = min(1, all.requests / (all.seconds * CapacityConstants.activePerSecond))
    for (name, window) in windows {
      records[name]?.cost.fade(before: window, activity: activity)
      records[name]?.settling.age(by: window.seconds)
    }
    if followCommonChange(windows, in: tick) {
      let surprises = windows.compactMap { name, window in
        records[name]?.cost.surprise(of: window)
      }
      noise.observe(surprises, over: all.seconds / Double(max(windows.count, 1)))
      for (name, window) in windows {
        records[name]?.cost.learn(window, noise: noise)
        if window.requests >= 1 { records[name]?.learnedAt = tick.now }
        told.observe(window, of: name)
      }
      believeTold()
    }
    firstPlan.note(isKnown: 2 * knownCosts >= records.count, in: tick)
    return outcomes
  }

  /// How many servers' costs are known.
  private var knownCosts: Int {
    records.values.count { $0.cost.requests >= CapacityConstants.fewRequests }
  }

  /// A factor in what all cost is taken over by all at once, those that have no window in this tick too.
  ///
  /// - Returns: whether the windows may be learned from.
  private mutating func followCommonChange(
    _ windows: [(name: ServerName, window: CostLearner.Window)], in tick: Tick
  ) -> Bool {
    guard !windows.isEmpty else { return true }
    let servers = windows.compactMap { name, window in
      records[name].map { CommonChange.Server(known: $0.cost, window: window) }
    }
    switch commonChange.follow(
      servers, of: knownCosts, noise: noise, at: tick.now, interval: tick.interval)
    {
    case .none: return true
    case .unconfirmed: return false
    case .factor(let factor):
      for name in records.keys { records[name]?.cost.change(by: factor) }
      return true
    }
  }

  /// Goes on from what peers have learned, once our own counters bear it out.
  private mutating func believeTold() {
    let believed = told.judge(noise)
    for (name, cost) in believed { records[name]?.cost.believe(cost) }
    if firstPlan.isDue, 2 * believed.count >= records.count, !believed.isEmpty { firstPlan.skip() }
  }

  /// It ramps up, and is looked at more often.
  private mutating func beginAnew(_ record: inout ServerRecord) {
    record.settling.begin()
    haste = max(haste, CapacityConstants.youngTicks)
  }

  /// Sets the CPU time of the windows that closed against the requests of the same spans.
  private mutating func closeWindows(
    _ outcomes: [LoadMeters.Outcome], in tick: Tick
  ) -> [(name: ServerName, window: CostLearner.Window)] {
    zip(tick.servers, outcomes).compactMap { server, outcome in
      if outcome.restarted, var record = records[server.name] {
        record.cost.restart()
        record.costAtReload = nil
        told.forget(server.name)
        beginAnew(&record)
        records[server.name] = record
      }
      // What has yet to be confirmed tells how full a server is, and not what its requests cost.
      guard let window = outcome.window, server.doubt == nil, var record = records[server.name],
        let answers = tick.counts[server.name]?.answered
      else { return nil }
      let answered = answers.answered(
        from: window.from, to: window.to, after: &record.countedAhead)
      records[server.name] = record
      return (
        server.name,
        CostLearner.Window(
          cpuSeconds: window.cpuSeconds, requests: answered, seconds: window.seconds)
      )
    }
  }
}
