import Balancing
import Testing

@testable import Control

/// One look after the other at what waits for its answer, without a ledger around it.
@Suite struct UnansweredStepTests {
  private struct Server {
    var unanswered = UnansweredRequests()
    var counters = RequestCounters(arrived: 0, done: 0, inFlight: 0)
    var hasBegun = false

    mutating func look(
      arrived: Double, answered: Double, open: Double, queued: Double = 0,
      responseSeconds: Double? = nil
    ) -> Double {
      var next = counters
      next.arrived += arrived
      next.done += answered
      next.open = open
      defer { (counters, hasBegun) = (next, true) }
      return unanswered.update(
        from: counters, to: next, queued: queued, responseSeconds: responseSeconds,
        seconds: hasBegun ? 1 : nil)
    }
  }

  @Test func `where counting begins, what is open and was not answered waits`() {
    var server = Server()
    #expect(server.look(arrived: 1000, answered: 900, open: 20) == 20)
  }

  @Test func `a small step back of a counter is nothing`() {
    var server = Server()
    #expect(server.look(arrived: 100, answered: 90, open: 10) == 10)
    #expect(server.look(arrived: 0, answered: -1, open: 10) == 10)
  }

  @Test func `the balancer's own queue waits, as far as its sessions are open`() {
    var server = Server()
    #expect(server.look(arrived: 10, answered: 10, open: 6, queued: 4) == 4)
    var more = Server()
    #expect(more.look(arrived: 10, answered: 10, open: 6, queued: 9) == 6)
  }

  /// Three requests wait beside five streams, and one of the eight sessions ends without an answer.
  @Test(arguments: [(nil, 2.0), (0.3, 3), (0.02, 2), (9, 3)])
  func `what waits after a session ended that nobody answered is told by response times`(
    responseSeconds: Double?, waiting: Double
  ) {
    var server = Server()
    #expect(server.look(arrived: 3, answered: 0, open: 3) == 3)
    #expect(server.look(arrived: 5, answered: 5, open: 8) == 3)
    #expect(
      server.look(arrived: 10, answered: 10, open: 7, responseSeconds: responseSeconds) == waiting)
  }
}
