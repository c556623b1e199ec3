import Testing

@testable import Balancing

/// Less weight for servers that cannot be seen.
@Suite struct BlindBrakeTests {
  /// - Parameter inFlight: `nil` where no balancer could be read.
  private func view(
    _ state: ServerState = .up, isHeld: Bool = false, inFlight: Double? = 0, isSeen: Bool = false
  ) -> ServerView {
    let measured = Load.Measured(
      cores: 0.1, limitCores: 1, utilisation: Utilisation(0.1, of: .quota), began: at(0),
      host: "h")
    var view = ServerView(
      server: ServerObservation(
        name: "a", state: state, isHeld: isHeld, share: 0.5,
        requests: inFlight.map { RequestCounters(arrived: 0, done: 0, inFlight: $0) },
        container: nil),
      load: isSeen ? .measured(measured) : .unknown(.noRate), isLongBlind: false)
    view.cost = 0.1
    return view
  }

  /// What waits at a server to which so many requests a second come, and that answers so many.
  private func backlog(arriving: Double, answering: Double, inFlight: Double) -> Backlog {
    var counts = ServerCounts(seen: at(0))
    for seconds in [0.0, 10] {
      counts.read(
        RequestCounters(
          arrived: arriving * seconds, done: answering * seconds, inFlight: inFlight),
        at: at(seconds))
    }
    return counts.backlog
  }

  private func targets(
    _ views: [ServerView], arriving: Double = 40, answering: Double = 20
  ) -> [ServerPlan.Target?] {
    var reductions = BlindBrake()
    return views.map { view in
      reductions.note(view)
      let backlog = backlog(
        arriving: arriving, answering: answering, inFlight: view.server.requests?.inFlight ?? 500)
      return reductions.take(view, backlog, interval: 10)
    }
  }

  @Test(arguments: [ServerState.down, .maintenance, .drain, .unresolved])
  func `a server that comes back unseen gets half, once`(away: ServerState) {
    let expected: [ServerPlan.Target?] = [nil, .reduce(by: 0.5, .returning), nil, nil]
    #expect(targets([view(away), view(), view(), view()]) == expected)
  }

  @Test func `a server that comes back and is seen keeps its weight`() {
    #expect(targets([view(.down), view(isSeen: true), view()]) == [nil, nil, nil])
  }

  @Test func `a server new to us is not one that comes back`() {
    #expect(targets([view()]) == [nil])
  }

  @Test func `half is taken when it no longer ramps or is held`() {
    let expected: [ServerPlan.Target?] = [nil, nil, nil, .reduce(by: 0.5, .returning)]
    #expect(targets([view(.down), view(.ramping), view(isHeld: true), view()]) == expected)
  }

  /// Of 40 requests a second it answers 20, and gets four fifths of those. 25 in flight are more
  /// than it answers in an eighth of an interval; 24 are not too many.
  @Test func `a blind server with a queue is braked, and again only if the queue grows`() {
    let expected: [ServerPlan.Target?] = [
      nil, .reduce(by: 0.4, .queue(inFlight: 25)), nil, nil,
      .reduce(by: 0.4, .queue(inFlight: 30)),
    ]
    let flights = [24.0, 25, 15, 25, 30]
    #expect(targets(flights.map { view(inFlight: $0) }) == expected)
  }

  @Test func `a brake is neither a stop nor a trifle`() {
    let queue = view(inFlight: 500)
    #expect(targets([queue], answering: 0) == [.reduce(by: 0.25, .queue(inFlight: 500))])
    #expect(targets([queue], answering: 50) == [.reduce(by: 0.8, .queue(inFlight: 500))])
  }

  @Test func `a queue that was known before a balancer could not be read is not braked for`() {
    #expect(targets([view(inFlight: nil), view(inFlight: nil)]) == [nil, nil])
    #expect(
      targets([view(inFlight: nil), view(inFlight: 25)])
        == [nil, .reduce(by: 0.4, .queue(inFlight: 25))])
  }

  @Test func `no brake for a server that is seen, or whose queue is soon done`() {
    #expect(targets([view(inFlight: 500, isSeen: true)]) == [nil])
    #expect(targets([view(inFlight: 100)], answering: 100) == [nil])
    #expect(targets([view(inFlight: 100)], arriving: 0) == [nil])
  }

  @Test(arguments: ServerState.allCases.filter { $0 != .up })
  func `a server without traffic of its own is never reduced`(state: ServerState) {
    #expect(targets([view(state, inFlight: 500), view(state, inFlight: 900)]) == [nil, nil])
  }
}
