// What outlasts a run, and what peers tell each other.

extension CapacityStrategy {
  /// What a later run can go on from.
  var learned: LearnedCosts {
    var learned = LearnedCosts()
    learned.noise = noise
    let neighbours = meters.neighbourStates
    learned.neighbours = neighbours.isEmpty ? nil : neighbours
    for (name, record) in records {
      learned.servers[name] = LearnedCosts.Server(
        cost: record.cost.lasting, container: meters.container(of: name))
    }
    return learned
  }

  /// Goes on from what an earlier run learned. All else begins anew: no weight is planned before
  /// there are fresh samples.
  mutating func resume(_ learned: LearnedCosts, at now: Timestamp) {
    noise = learned.noise
    for (name, server) in learned.servers {
      var record = ServerRecord(lastSeen: now)
      record.cost = server.cost
      records[name] = record
      meters.resume(name, with: server.container, at: now)
    }
    for (host, states) in learned.neighbours ?? [:] {
      meters.resume(host, with: states, at: now)
    }
    guard learned.count > 0 else { return }
    hasBegun = true
    firstPlan.skip()
  }

  /// What others may be told of it: costs that requests counted here have borne out.
  func costsToTell(at now: Timestamp) -> [ServerName: ToldCost] {
    records.compactMapValues { record in
      guard let learnedAt = record.learnedAt, record.cost.requests > 0 else { return nil }
      return ToldCost(
        secondsPerRequest: record.cost.cpuSeconds / record.cost.requests,
        requests: record.cost.requests, ageSeconds: max(0, now.seconds(since: learnedAt)))
    }
  }

  /// Takes in what peers have learned: it helps where nothing was learned here.
  mutating func hear(_ told: [ServerName: ToldCost]) {
    self.told.note(told) { (records[$0]?.cost.requests ?? 0) == 0 }
  }

  /// Forgets a server whose name has become another's.
  mutating func forget(_ server: ServerName) {
    records[server] = nil
    piles.forget(server)
    told.forget(server)
    meters.forget(server)
  }
}
