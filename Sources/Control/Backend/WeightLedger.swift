package import Balancing

/// Who wrote the weights of one backend: ours are known, all others are somebody else's.
///
/// A pure step for each tick: readings in, interferences out. It knows what to write again after a
/// reload, and when to leave a server to whoever keeps writing it too.
package struct WeightLedger: Codable, Sendable {
  /// Two foreign changes within so many intervals make a server contested.
  fileprivate static let contestIntervals = 6
  /// A contested server is taken up again when nobody wrote it for so many intervals.
  fileprivate static let quietIntervals = 10
  /// Both for a server with an agent-check or an SRV record, which write at their own slow pace, and
  /// are quiet as long as the weight stands.
  fileprivate static let slowIntervals = 60

  private var entries: [BalancerName: [ServerName: Entry]] = [:]
  /// What a balancer that lost its weights gets back.
  private var restoring: [BalancerName: [ServerName: Weight]] = [:]
  /// What an earlier run left alone, until each balancer is read for the first time.
  private var resumed: [BalancerName: [ServerName: ManualWeight]]?

  package init() {}

  fileprivate struct Entry: Codable {
    var standing: Weight
    /// What it was born with. A server that was deleted and added again under its old name has another
    /// one: it is a new server, whose weight nobody has changed.
    var initialWeight: Weight
    var isOurs: Bool
    /// A weight whose writing was given up half way: it may stand, or not.
    var maybe: Weight?
    /// In which intervals somebody else changed it.
    var foreignChanges: [Int] = []
    var contest: Contest?
    /// Until when a weight that somebody set is left alone.
    var respectedUntil: Timestamp?
  }

  /// A weight that somebody set, and how much longer it is left alone.
  package struct ManualWeight: Hashable, Codable, Sendable {
    package var weight: Weight
    package var secondsLeft: Double

    package init(weight: Weight, secondsLeft: Double) {
      self.weight = weight
      self.secondsLeft = secondsLeft
    }
  }

  /// How weights that others write are looked at.
  package struct ForeignWeightPolicy: Sendable {
    package var now: Timestamp
    /// How long such a weight is left alone.
    package var respectSeconds: Double
    /// Servers that others are meant to write.
    package var expected: @Sendable (ServerName) -> Bool

    package init(
      now: Timestamp, respectSeconds: Double,
      expected: @escaping @Sendable (ServerName) -> Bool = { _ in false }
    ) {
      self.now = now
      self.respectSeconds = respectSeconds
      self.expected = expected
    }

    /// Such a weight is where evenkeel goes on from.
    package static let none = ForeignWeightPolicy(now: Timestamp(nanoseconds: 0), respectSeconds: 0)
  }

  fileprivate struct Contest: Codable {
    var lastChange: Int
    var suspect: Suspect
  }

  /// Who probably writes a weight that is not ours.
  package enum Suspect: String, Hashable, Codable, Sendable {
    case agentCheck
    case srvRecord
    case somebodyElse
  }

  /// What somebody else does to a weight.
  package enum Interference: Hashable, Sendable {
    case changedByOthers(ServerName, from: Weight, to: Weight)
    /// The same, and it is left alone for so long.
    case leftToHand(ServerName, from: Weight, to: Weight, seconds: Double)
    case contested(ServerName, Suspect)
    case quietAgain(ServerName)
  }

  /// Takes in the weights that stand on one balancer.
  ///
  /// - Parameters:
  ///   - interval: how many have gone by.
  ///   - restores: whether weights that a reload lost are to be put back.
  package mutating func observe(
    _ servers: [ServerReading], on balancer: BalancerName, process: ReloadDetector.Finding,
    interval: Int, restores: Bool = true, policy: ForeignWeightPolicy = .none
  ) -> [Interference] {
    // A reload ends no promise.
    var promises: [ServerName: Timestamp] = [:]
    if process == .replaced {
      promises = (entries[balancer] ?? [:]).compactMapValues(\.respectedUntil)
      // All that stood is put back, what others wrote too; but never a 0, which is nobody's load.
      let lost = (entries[balancer] ?? [:]).mapValues(\.standing).filter { $0.value.value > 0 }
      let due = restoring[balancer] ?? [:]
      restoring[balancer] = restores ? lost.merging(due) { _, due in due } : [:]
      entries[balancer] = nil
    }
    if policy.respectSeconds > 0, let hands = resumed?.removeValue(forKey: balancer) {
      for server in servers {
        guard let hand = hands[server.name], hand.weight == server.weight,
          hand.secondsLeft.isFinite
        else { continue }
        promises[server.name] = policy.now.advanced(
          bySeconds: min(max(0, hand.secondsLeft), policy.respectSeconds))
      }
    }
    var interferences: [Interference] = []
    var current: [ServerName: Entry] = [:]
    for server in servers {
      let known = entries[balancer]?[server.name].flatMap { $0.isStill(server) ? $0 : nil }
      var entry = known ?? Entry(of: server, respectedUntil: promises[server.name])
      let isLateWrite = entry.maybe == server.weight
      interferences += entry.observe(server, interval: interval, policy)
      if isLateWrite || (!entry.isOurs && entry.foreignChanges.last == interval) {
        restoring[balancer]?[server.name] = nil
      }
      if restoring[balancer]?[server.name] == server.weight {
        restoring[balancer]?[server.name] = nil
        entry.isOurs = true
      }
      current[server.name] = entry
    }
    entries[balancer] = current
    restoring[balancer] = restoring[balancer]?.filter { current[$0.key] != nil }
    return interferences
  }

  /// The weight to be put back on a balancer that lost it; `nil` when none is due.
  package func weightToRestore(_ server: ServerName, on balancer: BalancerName) -> Weight? {
    restoring[balancer]?[server]
  }

  /// Whether the weight that stands is the one that we wrote, or are about to put back.
  package func isOurs(_ server: ServerName, on balancer: BalancerName) -> Bool {
    if weightToRestore(server, on: balancer) != nil { return true }
    return entries[balancer]?[server]?.isOurs ?? false
  }

  /// Who contests a server's weight on any balancer; `nil` when nobody does.
  package func contest(of server: ServerName) -> Suspect? {
    for servers in entries.values {
      if let contest = servers[server]?.contest { return contest.suspect }
    }
    return nil
  }

  /// How long a weight that somebody set is left alone from now on, on whichever balancer; `nil` when
  /// none is.
  package func secondsLeftToHand(_ server: ServerName, at now: Timestamp) -> Double? {
    let left = entries.values.compactMap { $0[server]?.respectedUntil?.seconds(since: now) }.max()
    return left.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The weights that are left to whoever set them.
  package func hands(at now: Timestamp) -> [BalancerName: [ServerName: ManualWeight]] {
    entries.compactMapValues { servers in
      let hands = servers.compactMapValues { entry -> ManualWeight? in
        guard let left = entry.respectedUntil?.seconds(since: now), left > 0 else { return nil }
        return ManualWeight(weight: entry.standing, secondsLeft: left)
      }
      return hands.isEmpty ? nil : hands
    }
  }

  /// Goes on with those that an earlier run left alone, as far as they still stand.
  package mutating func resume(_ hands: [BalancerName: [ServerName: ManualWeight]]) {
    resumed = hands
  }

  /// Whether the weight that stands now is one that we wrote, or may have written.
  package func stillHasOurs(_ server: ServerReading, on balancer: BalancerName) -> Bool {
    guard let entry = entries[balancer]?[server.name] else { return false }
    return (entry.isOurs && entry.standing == server.weight) || entry.maybe == server.weight
  }

  package mutating func wrote(_ weight: Weight, to server: ServerName, on balancer: BalancerName) {
    restoring[balancer]?[server] = nil
    entries[balancer]?[server]?.standing = weight
    entries[balancer]?[server]?.isOurs = true
    entries[balancer]?[server]?.maybe = nil
  }

  /// A write was given up: its weight may stand at the next tick, and would be ours.
  package mutating func mayHaveWritten(
    _ weight: Weight, to server: ServerName, on balancer: BalancerName
  ) {
    entries[balancer]?[server]?.maybe = weight
  }

  /// Forgets a server whose name has become another's.
  package mutating func forget(_ server: ServerName) {
    for balancer in entries.keys { entries[balancer]?[server] = nil }
    for balancer in restoring.keys { restoring[balancer]?[server] = nil }
  }

  /// Forgets balancers that the backend no longer lives on.
  package mutating func keepOnly(_ balancers: Set<BalancerName>) {
    entries = entries.filter { balancers.contains($0.key) }
    restoring = restoring.filter { balancers.contains($0.key) }
  }
}

extension WeightLedger.Entry {
  fileprivate init(of server: ServerReading, respectedUntil: Timestamp?) {
    self.init(
      standing: server.weight, initialWeight: server.initialWeight, isOurs: false,
      respectedUntil: respectedUntil)
  }

  fileprivate func isStill(_ server: ServerReading) -> Bool {
    initialWeight == server.initialWeight
  }

  fileprivate mutating func observe(
    _ server: ServerReading, interval: Int, _ policy: WeightLedger.ForeignWeightPolicy
  ) -> [WeightLedger.Interference] {
    var interferences: [WeightLedger.Interference] = []
    if policy.expected(server.name) {
      contest = nil
      foreignChanges = []
      respectedUntil = nil
      if server.weight != standing, server.weight != maybe {
        isOurs = false
        interferences.append(.changedByOthers(server.name, from: standing, to: server.weight))
      }
    } else if server.weight == maybe {
      isOurs = true
    } else if server.weight != standing {
      interferences += changed(server, interval: interval, policy)
    } else if let contest {
      if interval &- contest.lastChange >= server.quietIntervals, !isRespected(policy) {
        self.contest = nil
        foreignChanges = []
        interferences.append(.quietAgain(server.name))
      }
    }
    if !isRespected(policy) { respectedUntil = nil }
    maybe = nil
    standing = server.weight
    return interferences
  }

  private mutating func changed(
    _ server: ServerReading, interval: Int, _ policy: WeightLedger.ForeignWeightPolicy
  ) -> [WeightLedger.Interference] {
    isOurs = false
    let window = server.hasSlowWriter ? WeightLedger.slowIntervals : WeightLedger.contestIntervals
    foreignChanges = foreignChanges.filter { interval &- $0 < window }
    foreignChanges.append(interval)
    let isRepeated = foreignChanges.count >= 2
    // A program that is configured to write it is no hand.
    let isByHand = policy.respectSeconds > 0 && !server.hasSlowWriter
    if isByHand {
      respectedUntil = policy.now.advanced(bySeconds: policy.respectSeconds)
    }
    var interferences: [WeightLedger.Interference] = [
      isByHand && contest == nil && !isRepeated
        ? .leftToHand(
          server.name, from: standing, to: server.weight, seconds: policy.respectSeconds)
        : .changedByOthers(server.name, from: standing, to: server.weight)
    ]
    let suspect: WeightLedger.Suspect =
      server.hasAgent ? .agentCheck : server.hasSRVRecord ? .srvRecord : .somebodyElse
    if contest == nil, isRepeated { interferences.append(.contested(server.name, suspect)) }
    if contest != nil || isRepeated {
      contest = WeightLedger.Contest(lastChange: interval, suspect: suspect)
    }
    return interferences
  }

  private func isRespected(_ policy: WeightLedger.ForeignWeightPolicy) -> Bool {
    guard policy.respectSeconds > 0, let respectedUntil else { return false }
    return policy.now < respectedUntil
  }
}

extension ServerReading {
  /// Something that writes weights now and then is configured for it.
  fileprivate var hasSlowWriter: Bool { hasAgent || hasSRVRecord }

  /// For so many intervals nobody may write it until it is nobody else's any more.
  fileprivate var quietIntervals: Int {
    hasSlowWriter ? WeightLedger.slowIntervals : WeightLedger.quietIntervals
  }
}
