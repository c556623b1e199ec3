import Testing

@testable import Balancing

/// What waits at a server, by HAProxy's counters alone.
@Suite struct BacklogTests {
  /// A server to which so many requests a second come, and that answers as many, look by look.
  private struct Server {
    var counts = ServerCounts(seen: at(0))
    var seconds = 0.0
    var arrived = 0.0
    var done = 0.0

    init(perSecond: Double = 20, inFlight: Double = 2, looks: Int = 8) {
      for _ in 0..<looks { look(arriving: perSecond, answering: perSecond, inFlight: inFlight) }
    }

    mutating func look(arriving: Double, answering: Double, inFlight: Double) {
      seconds += 10
      arrived += arriving * 10
      done += answering * 10
      counts.read(
        RequestCounters(arrived: arrived, done: done, inFlight: inFlight), at: at(seconds))
    }

    mutating func findsWaiting(beside quick: Double, isSpared: Bool = false) -> Double? {
      counts.findWaiting(beside: quick, isSpared: isSpared)
      return counts.backlog.waiting
    }

    var backlog: Backlog { counts.backlog }
  }

  /// Requests usually stay for 0.1 s, and now 60 are there where 20 a second come and 10 are answered.
  private var slow: Server {
    var server = Server()
    server.look(arriving: 20, answering: 10, inFlight: 60)
    return server
  }

  @Test func `it knows what is there, comes and is answered`() {
    let backlog = slow.backlog
    #expect(backlog.requests == 60)
    #expect(backlog.arrivalsPerSecond == 20 && backlog.answersPerSecond == 10)
    #expect(backlog.stayByArrivals.seconds == 3 && backlog.stayByAnswers.seconds == 6)
  }

  // MARK: A pile

  @Test func `a pile is what is there beyond what peers, or it, would have in the same time`() {
    #expect(slow.backlog.pile(beside: 0.1, isStill: false).map { $0 > 57 && $0 < 58 } == true)
    #expect(slow.backlog.pile(beside: 0.9, isStill: false) == 60 * (1 - 0.9 / 3))
    // No more than three times as slow as its peers.
    #expect(slow.backlog.pile(beside: 1, isStill: false) == nil)
  }

  @Test func `what is usual for it is no pile, once it is known`() {
    #expect(Server(inFlight: 60).backlog.pile(beside: 0.1, isStill: false) == nil)
    #expect(Server(inFlight: 60, looks: 3).backlog.pile(beside: 0.1, isStill: false) != nil)
  }

  @Test func `few are a pile only where there was one, and then even where nothing arrives`() {
    var server = Server()
    server.look(arriving: 1, answering: 1, inFlight: 6)
    #expect(server.backlog.pile(beside: 0.1, isStill: false) == nil)
    #expect(server.backlog.pile(beside: 0.1, isStill: true) != nil)
    server.look(arriving: 0, answering: 1, inFlight: 4)
    #expect(server.backlog.pile(beside: 0.1, isStill: false) == nil)
    #expect(server.backlog.pile(beside: 0.1, isStill: true) == 4)
    server.look(arriving: 0, answering: 1, inFlight: 3)
    #expect(server.backlog.pile(beside: 0.1, isStill: true) == nil)
  }

  // MARK: What waits

  @Test func `what waits is found by what is answered, from the first usual stay on`() {
    var server = Server(looks: 2)
    server.look(arriving: 60, answering: 10, inFlight: 15)
    // By what arrives they stay for a quarter of a second, by what is answered for 1.5.
    #expect(server.backlog.pile(beside: 0.1, isStill: false) == nil)
    #expect(server.findsWaiting(beside: 0.1) != nil)
    #expect(server.findsWaiting(beside: 0.6) == nil)
  }

  @Test func `few wait where the balancer sends less to those at which requests wait`() {
    var server = Server()
    server.look(arriving: 1, answering: 1, inFlight: 6)
    let found = [false, true].map { server.findsWaiting(beside: 0.1, isSpared: $0) != nil }
    #expect(found == [false, true])
  }

  /// Three servers, of which one is slow in the last tick.
  private func ticks(
    _ discipline: BackendObservation.Discipline = .rate, state: ServerState = .up,
    isRead: Bool = true
  ) -> [Tick] {
    var counts = BackendCounts()
    return (1...10).map { number in
      let servers = ["a", "b", "c"].map { name in
        let isSlow = name == "b" && number >= 9
        let count = Double(number) * 200
        let server = ServerObservation(
          name: ServerName(name), state: isSlow && number == 10 ? state : .up, share: 0.3,
          requests: isSlow && number == 10 && !isRead
            ? nil : RequestCounters(arrived: count, done: count, inFlight: isSlow ? 60 : 2),
          container: nil)
        return server
      }
      return counts.tick(
        BackendObservation(
          now: at(Double(number) * 10), intervalSeconds: 10, discipline: discipline,
          servers: servers, hosts: [:], lastWrite: nil))
    }
  }

  @Test func `a tick knows of each server what waits there beside the quick ones`() {
    let waiting = ticks().map { tick in
      ["a", "b", "c"].filter { tick.counts[ServerName($0)]?.backlog.waiting ?? 0 > 0 }
    }
    #expect(waiting == Array(repeating: [], count: 8) + [["b"], ["b"]])
  }

  @Test func `what waited does not wait for ever where a server goes, or is not read`() {
    for last in [ticks(state: .drain).last, ticks(isRead: false).last] {
      #expect(last?.counts["b"]?.backlog.requests == 60)
      #expect(last?.counts["b"]?.backlog.waiting == nil)
    }
  }

  // MARK: Work that waits

  @Test func `a queue is beyond what is always there, and what the quickest would have`() {
    #expect(slow.backlog.queue(beyond: 0) == 58)
    #expect(slow.backlog.queue(beyond: 0.1) == 56)
    #expect(slow.backlog.queue(beyond: 10) == 0)
    #expect(Server(inFlight: 1).backlog.queue(beyond: 0) == 0)
    #expect(Backlog().queue(beyond: 0.1) == 0)
  }

  @Test func `at full speed a request costs what the cores give in the time of an answer`() {
    #expect(slow.backlog.costAtFullSpeed(limitCores: 2, pace: 10) == 0.2)
    // Where nothing is answered, one may be before the next tick.
    #expect(Backlog().costAtFullSpeed(limitCores: 2, pace: 10) == 20)
  }

  @Test func `it outlasts the time that its answers would take for less`() {
    let backlog = slow.backlog
    #expect(backlog.outlasts(intervals: 0.5, of: 10))
    #expect(!backlog.outlasts(intervals: 0.6, of: 10))
    #expect(!Backlog().outlasts(intervals: 0.1, of: 10))
  }

  @Test func `queued work is intervals of a CPU, or cores over a time`() {
    let work = QueuedWork(requests: 100, cost: 0.02)
    #expect(work.intervals(ofCores: 0.5, pace: 10) == 0.4)
    #expect(work.cores(over: 4) == 0.5)
  }
}
