import Balancing
import Control
import TestSupport
import Testing

/// What waits for an answer, among the sessions that a balancer tells of.
@Suite struct UnansweredRequestsTests {
  /// One server behind one balancer, told of once a second.
  private struct Server {
    private var ledger = RequestLedger()
    private var seconds = 0
    var arrived = 0.0
    var answered = 0.0
    var tunnelled = 0.0
    var open = 0.0
    var queued = 0.0
    var responseSeconds: Double?

    mutating func look(isReplaced: Bool = false) -> RequestCounters? {
      seconds += 1
      let reading = RequestLedger.Reading(
        RequestCounters(
          arrived: arrived, done: answered, inFlight: open, tunnelled: tunnelled),
        queued: queued, responseSeconds: responseSeconds)
      return ledger.add(
        ["lb1": ["s1": reading]], replaced: isReplaced ? ["lb1"] : [],
        at: Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000))?["s1"]
    }
  }

  @Test func `without sessions that outlast their answers, what is open waits`() {
    var server = Server()
    _ = server.look()
    for waiting in [3.0, 50, 80, 20, 0, 7] {
      server.arrived += 100
      server.answered = server.arrived - waiting
      server.open = waiting
      #expect(server.look()?.inFlight == waiting)
    }
  }

  @Test func `requests that are given up leave the queue, though nobody answers`() {
    var server = Server()
    _ = server.look()
    (server.arrived, server.open) = (50, 50)
    #expect(server.look()?.inFlight == 50)
    for _ in 0..<20 {
      server.arrived += 10
      #expect(server.look()?.inFlight == 50)
    }
  }

  @Test func `tunnels wait for nothing, and a queue beside them is seen`() {
    var server = Server()
    server.responseSeconds = 0.01
    _ = server.look()
    server.arrived += 45
    server.tunnelled += 45
    server.open = 45
    #expect(server.look()?.inFlight == 0)
    for _ in 0..<100 {
      server.arrived += 20
      server.answered += 20
      #expect(server.look()?.inFlight == 0)
    }
    for waiting in [10.0, 25, 40, 25, 5, 0] {
      server.arrived += 20
      server.answered += 20 - (waiting - (server.open - 45))
      server.open = 45 + waiting
      #expect(server.look()?.inFlight == waiting)
    }
  }

  @Test func `tunnels that close and are opened again elsewhere are no queue on either side`() {
    var server = Server()
    server.responseSeconds = 0.01
    _ = server.look()
    (server.arrived, server.tunnelled, server.open) = (45, 45, 45)
    _ = server.look()
    server.open = 0
    #expect(server.look()?.inFlight == 0)
    for opened in 1...30 {
      server.arrived += 12
      server.answered += 10
      server.tunnelled += 2
      server.open = Double(2 * opened)
      #expect(server.look()?.inFlight ?? 99 <= 1)
    }
  }

  @Test(arguments: 1...20)
  func `tunnels that are opened at once are no queue, though some request waits at each look`(
    seed: Int
  ) {
    var random = SeededGenerator(seed: UInt64(seed))
    var server = Server()
    _ = server.look()
    for look in 0..<60 {
      // In the end there is a queue, too.
      let waiting = Double(Int.random(in: look < 40 ? 0...2 : 10...14, using: &random))
      server.responseSeconds = waiting / 7
      // Now and then all tunnels close, and as many as may be come in one burst.
      let closing = Int.random(in: 0..<8, using: &random) == 0
      let opened = closing ? Double(Int.random(in: 5...30, using: &random)) : 0
      let open = closing ? 0 : server.open - (server.arrived - server.answered - server.tunnelled)
      server.arrived += 7 + opened
      server.tunnelled += opened
      server.answered = server.arrived - server.tunnelled - waiting
      server.open = open + opened + waiting
      let seen = server.look()?.inFlight ?? 99
      #expect(abs(seen - waiting) <= max(2, 0.6 * waiting), "look \(look): \(seen) of \(waiting)")
    }
  }

  @Test func `the first tunnels among uploads may be tunnels`() {
    var server = Server()
    server.responseSeconds = 0.02
    _ = server.look()
    for _ in 0..<10 {
      (server.arrived, server.answered) = (server.arrived + 20, server.answered + 20)
      server.tunnelled += 20
      #expect(server.look()?.inFlight == 0)
    }
    server.arrived += 50
    server.answered += 20
    (server.tunnelled, server.open) = (server.tunnelled + 50, 30)
    _ = server.look()
    (server.arrived, server.answered) = (server.arrived + 20, server.answered + 20)
    server.tunnelled += 20
    #expect(server.look()?.inFlight ?? 99 <= 1)
  }

  @Test func `requests that are given up beside answers 100 hide no queue`() {
    var server = Server()
    server.responseSeconds = 5
    _ = server.look()
    (server.arrived, server.open) = (500, 500)
    _ = server.look()
    for _ in 0..<60 {
      server.arrived += 100
      server.answered += 84
      server.tunnelled += 20
      #expect(server.look()?.inFlight ?? 0 >= 400)
    }
  }

  @Test func `streams and downloads that go on after their answer are no queue`() {
    var server = Server()
    _ = server.look()
    for _ in 0..<50 {
      server.arrived += 10
      server.answered += 10
      server.open += 1
      #expect(server.look()?.inFlight == 0)
    }
    #expect(server.look()?.open == 50)
  }

  @Test func `an answer 100 before the real one makes no tunnel of an upload`() {
    var server = Server()
    server.responseSeconds = 2
    _ = server.look()
    for waiting in [5.0, 10, 20, 30, 30, 30, 30, 12] {
      server.arrived += 100
      server.answered = server.arrived - waiting
      server.tunnelled += 100
      server.open = waiting
      let inFlight = server.look()?.inFlight ?? 0
      #expect(abs(inFlight - waiting) <= 5, "\(inFlight) of \(waiting)")
    }
  }

  @Test func `tunnels that were there before anything was counted are found out by response times`()
  {
    var server = Server()
    (server.arrived, server.answered, server.tunnelled) = (100_200, 100_000, 150)
    (server.open, server.responseSeconds) = (150, 0.02)
    _ = server.look()
    server.arrived += 50
    server.answered += 50
    #expect(server.look()?.inFlight ?? 99 <= 1)
  }

  @Test func `what waits in the balancer's own queue always counts`() {
    var server = Server()
    server.responseSeconds = 0.01
    _ = server.look()
    (server.arrived, server.tunnelled, server.open) = (45, 45, 45)
    _ = server.look()
    (server.arrived, server.open, server.queued) = (60, 60, 10)
    #expect(server.look()?.inFlight ?? 0 >= 10)
  }

  @Test(arguments: 1...20)
  func `it is between the balancer's queue and the open sessions, whatever is counted`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var server = Server()
    for _ in 0..<200 {
      server.arrived = Double.random(in: 0...1e6, using: &random)
      server.answered = Double.random(in: 0...1e6, using: &random)
      server.tunnelled = Double.random(in: 0...1e3, using: &random)
      server.open = Double.random(in: 0...300, using: &random)
      server.queued = Double.random(in: 0...server.open, using: &random)
      server.responseSeconds = Bool.random(using: &random) ? nil : 3
      guard let seen = server.look(isReplaced: Int.random(in: 0..<20, using: &random) == 0) else {
        continue
      }
      #expect(seen.inFlight >= server.queued && seen.inFlight <= server.open)
    }
  }
}
