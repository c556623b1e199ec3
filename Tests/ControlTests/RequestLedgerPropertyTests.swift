import Balancing
import Control
import TestSupport
import Testing

/// Whatever befalls HAProxy's counters, what is counted is what was sent.
@Suite struct RequestLedgerPropertyTests {
  private static let now = Timestamp(nanoseconds: 0)

  /// Servers behind balancers, and what has befallen them in a tick.
  private struct World {
    static let balancers: [BalancerName] = ["lb1", "lb2"]
    static let servers: [ServerName] = ["s1", "s2", "s3", "s4"]

    /// HAProxy's counters; `nil` for a server that is not there.
    var counters: [BalancerName: [ServerName: Double]] = [:]
    var silent = Set<BalancerName>()
    var replaced = Set<BalancerName>()
    var odd = Set<ServerName>()
    /// Servers whose counting is broken by what happened.
    var disturbed = Set<ServerName>()
    var sent: [BalancerName: [ServerName: Double]] = [:]

    init() {
      for balancer in Self.balancers {
        counters[balancer] = Dictionary(
          Self.servers.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
      }
    }

    mutating func step(_ random: inout SeededGenerator) {
      let wereSilent = silent
      let wereOdd = odd
      (replaced, disturbed, sent, silent, odd) = ([], [], [:], [], [])
      for balancer in Self.balancers {
        for server in Self.servers {
          guard random.chance(0.98) else {
            befall(server, on: balancer, &random)
            continue
          }
          guard let before = counters[balancer]?[server] else {
            // It comes back some time, and serves a little by the time it is read.
            if random.chance(0.5) {
              let requests = Double(random.whole(0...9))
              counters[balancer]?[server] = requests
              sent[balancer, default: [:]][server] = requests
            }
            disturbed.insert(server)
            continue
          }
          let requests = Double(random.whole(0...1000))
          counters[balancer]?[server] = before + requests
          sent[balancer, default: [:]][server] = requests
        }
        if random.chance(0.03) {
          // A new process counts from 0, or from what a file says.
          replaced.insert(balancer)
          let start = random.chance(0.5) ? 0 : random.magnitude(1, 1e9).rounded()
          counters[balancer] = Dictionary(
            Self.servers.map { ($0, start) }, uniquingKeysWith: { first, _ in first })
        } else if random.chance(0.03) {
          silent.insert(balancer)
        }
      }
      if random.chance(0.05) { odd.insert("s4") }
      disturbed.formUnion(odd.symmetricDifference(wereOdd))
      if !wereSilent.union(silent).isEmpty || !replaced.isEmpty || !odd.isEmpty {
        disturbed.formUnion(Self.servers)
      }
      replaced.subtract(silent)
    }

    private mutating func befall(
      _ server: ServerName, on balancer: BalancerName, _ random: inout SeededGenerator
    ) {
      disturbed.insert(server)
      counters[balancer]?[server] = random.chance(0.5) ? 0 : nil
    }

    var readings: [BalancerName: [ServerName: RequestLedger.Reading]?] {
      var readings: [BalancerName: [ServerName: RequestLedger.Reading]?] = [:]
      for balancer in Self.balancers {
        readings[balancer] = .some(
          silent.contains(balancer)
            ? nil
            : (counters[balancer] ?? [:]).reduce(into: [:]) { result, entry in
              result[entry.key] = RequestLedger.Reading(
                RequestCounters(arrived: entry.value, done: entry.value, inFlight: 0),
                areTotalsBelieved: !odd.contains(entry.key))
            })
      }
      return readings
    }

    func sent(to server: ServerName) -> Double {
      Self.balancers.reduce(0) { $0 + (sent[$1]?[server] ?? 0) }
    }
  }

  @Test func `a server that nothing befalls is counted rightly, whatever befalls the others`()
    throws
  {
    try forAllSeeds(300) { random in
      var (world, ledger) = (World(), RequestLedger())
      var last = ledger.add(world.readings, replaced: [], at: Self.now)
      for tick in 0..<60 {
        world.step(&random)
        let totals = ledger.add(world.readings, replaced: world.replaced, at: Self.now)
        defer { last = totals }
        guard let totals, let last else { continue }
        for server in World.servers where !world.disturbed.contains(server) {
          let counted = (totals[server]?.arrived ?? 0) - (last[server]?.arrived ?? 0)
          guard counted == world.sent(to: server) else {
            throw Broken("tick \(tick), \(server): \(counted) of \(world.sent(to: server))")
          }
        }
      }
    }
  }

  @Test func `nobody ever gets more than was sent since its counting began`() throws {
    try forAllSeeds(300) { random in
      var (world, ledger) = (World(), RequestLedger())
      // Since counting began, and since totals were last told.
      var (sent, recently): ([ServerName: Double], [ServerName: Double]) = ([:], [:])
      var last = ledger.add(world.readings, replaced: [], at: Self.now) ?? [:]
      for tick in 0..<60 {
        world.step(&random)
        for server in World.servers {
          sent[server, default: 0] += world.sent(to: server)
          recently[server, default: 0] += world.sent(to: server)
        }
        guard let totals = ledger.add(world.readings, replaced: world.replaced, at: Self.now) else {
          continue
        }
        for (server, count) in totals {
          if count.arrived < last[server]?.arrived ?? 0 { sent[server] = recently[server] }
          guard count.arrived <= sent[server] ?? 0 else {
            throw Broken("tick \(tick), \(server): \(count.arrived) of \(sent[server] ?? 0)")
          }
          if count.arrived == 0 { sent[server] = 0 }
        }
        (last, recently) = (totals, [:])
      }
    }
  }

  @Test func `a balancer's demand is never more than was sent in a tick`() throws {
    try forAllSeeds(300) { random in
      var (world, ledger) = (World(), RequestLedger())
      _ = ledger.add(world.readings, replaced: [], at: Self.now)
      for tick in 0..<60 {
        world.step(&random)
        _ = ledger.add(world.readings, replaced: world.replaced, at: Self.now)
        for (balancer, arrived) in ledger.recentArrivals where arrived > 4000 {
          throw Broken("tick \(tick), \(balancer): \(arrived)")
        }
      }
    }
  }
}
