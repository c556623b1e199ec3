package import Balancing

/// Who wrote the weights of one backend: ours are known, all others are somebody else's.
///
/// A pure step for each tick: readings in, findings out. It knows what to write again after a
/// reload, and when to leave a server to whoever keeps writing it too.
package struct WeightLedger: Codable, Sendable {
  /// Two foreign changes within so many ticks make a server contested.
  fileprivate static let contestTicks = 6
  /// A contested server is taken up again when nobody wrote it for so many ticks.
  fileprivate static let quietTicks = 10
  /// Both for a server with an agent-check or an SRV record, which write at their own slow pace, and
  /// are quiet as long as the weight stands.
  fileprivate static let slowTicks = 60

  private var entries: [BalancerName: [ServerName: Entry]] = [:]
  /// What a balancer that lost its weights gets back.
  private var restoring: [BalancerName: [ServerName: Weight]] = [:]

  package init() {}

  fileprivate struct Entry: Codable {
    var standing: Weight
    /// What it was born with. A server that was deleted and added again under its old name has another
    /// one: it is a new server, whose weight nobody has changed.
    var initialWeight: Weight
    var isOurs: Bool
    /// A weight whose writing was given up half way: it may stand, or not.
    var maybe: Weight?
    var foreignChangeTicks: [Int] = []
    var contest: Contest?
  }

  fileprivate struct Contest: Codable {
    var lastChangeTick: Int
    var suspect: Suspect
  }

  /// Who probably writes a weight that is not ours.
  package enum Suspect: String, Hashable, Codable, Sendable {
    case agentCheck
    case srvRecord
    case somebodyElse
  }

  package enum Finding: Hashable, Sendable {
    case changedByOthers(ServerName, from: Weight, to: Weight)
    case contested(ServerName, Suspect)
    case quietAgain(ServerName)
  }

  /// Takes in the weights that stand on one balancer.
  ///
  /// - Parameter restores: whether weights that a reload lost are to be put back.
  package mutating func observe(
    _ servers: [ServerReading], on balancer: BalancerName, process: ReloadDetector.Finding,
    tick: Int, restores: Bool = true
  ) -> [Finding] {
    if process == .replaced {
      // All that stood is put back, what others wrote too; but never a 0, which is nobody's load.
      let lost = (entries[balancer] ?? [:]).mapValues(\.standing).filter { $0.value.value > 0 }
      let due = restoring[balancer] ?? [:]
      restoring[balancer] = restores ? lost.merging(due) { _, due in due } : [:]
      entries[balancer] = nil
    }
    var findings: [Finding] = []
    var current: [ServerName: Entry] = [:]
    for server in servers {
      let known = entries[balancer]?[server.name].flatMap { $0.isStill(server) ? $0 : nil }
      var entry = known ?? Entry(of: server)
      let isLateWrite = entry.maybe == server.weight
      findings += entry.observe(server, tick: tick)
      if isLateWrite || (!entry.isOurs && entry.foreignChangeTicks.last == tick) {
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
    return findings
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
  fileprivate init(of server: ServerReading) {
    self.init(standing: server.weight, initialWeight: server.initialWeight, isOurs: false)
  }

  fileprivate func isStill(_ server: ServerReading) -> Bool {
    initialWeight == server.initialWeight
  }

  fileprivate mutating func observe(_ server: ServerReading, tick: Int) -> [WeightLedger.Finding] {
    var findings: [WeightLedger.Finding] = []
    if server.weight == maybe {
      isOurs = true
    } else if server.weight != standing {
      findings.append(.changedByOthers(server.name, from: standing, to: server.weight))
      isOurs = false
      let window = server.hasSlowWriter ? WeightLedger.slowTicks : WeightLedger.contestTicks
      foreignChangeTicks = foreignChangeTicks.filter { tick &- $0 < window }
      foreignChangeTicks.append(tick)
      let suspect: WeightLedger.Suspect =
        server.hasAgent ? .agentCheck : server.hasSRVRecord ? .srvRecord : .somebodyElse
      if contest == nil, foreignChangeTicks.count >= 2 {
        findings.append(.contested(server.name, suspect))
      }
      if contest != nil || foreignChangeTicks.count >= 2 {
        contest = WeightLedger.Contest(lastChangeTick: tick, suspect: suspect)
      }
    } else if let contest,
      tick &- contest.lastChangeTick
        >= (server.hasSlowWriter ? WeightLedger.slowTicks : WeightLedger.quietTicks)
    {
      self.contest = nil
      foreignChangeTicks = []
      findings.append(.quietAgain(server.name))
    }
    maybe = nil
    standing = server.weight
    return findings
  }
}

extension ServerReading {
  /// Something that writes weights now and then is configured for it.
  fileprivate var hasSlowWriter: Bool { hasAgent || hasSRVRecord }
}
