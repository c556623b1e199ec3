import Balancing
import Testing

@testable import Control

/// When all containers are looked at for servers.
struct ContainerSearchTests {
  private static func time(_ seconds: Double) -> Timestamp {
    Timestamp(nanoseconds: 1_700_000_000_000_000_000).advanced(bySeconds: seconds)
  }

  private static func outcome(
    _ servers: [(ServerName, String?, ServerState)],
    of balancer: BalancerName = "lb1"
  ) -> BalancerOutcome {
    let readings = servers.map { name, address, state in
      ServerReading(
        name: name, address: address, state: state,
        weight: Weight(clamping: 1), initialWeight: Weight(clamping: 1), hasAgent: false,
        requests: RequestCounters(arrived: 0, done: 0, inFlight: 0))
    }
    let backend = BackendReading(
      algorithm: .dynamic(.rate), algorithmName: "roundrobin", servers: readings)
    return BalancerOutcome(
      balancer: balancer, isPeer: false, receivedAt: time(0),
      answer: .success(
        BalancerReading(
          process: ProcessIdentity(pid: 1, startedAtSeconds: nil), isStopping: false,
          backends: ["shop": backend])))
  }

  private static func failure(of balancer: BalancerName) -> BalancerOutcome {
    BalancerOutcome(
      balancer: balancer, isPeer: false, receivedAt: time(0),
      answer: .failure(PortFailure(.unreachable, "gone")))
  }

  @Test func `a server that begins to take traffic, or has another address, is news`() {
    var search = ContainerSearch()
    let first: [(ServerName, String?, ServerState)] = [
      ("a", "10.0.0.1", .up), ("b", nil, .maintenance),
    ]
    let looks = [
      (first, true), (first, false), ([("a", "10.0.0.2", .up), first[1]], true),
      ([("a", "10.0.0.2", .up), ("b", nil, .up)], true),
      // One less is none, until it is back.
      ([("a", "10.0.0.2", .up)], false), ([("a", "10.0.0.2", .up), ("b", nil, .ramping)], true),
    ]
    for (servers, isNews) in looks {
      let hasNews = search.hasNews([Self.outcome(servers)])
      #expect(hasNews == isNews, "\(servers)")
    }
  }

  @Test func `servers of a balancer that is silent are no news when it is back`() {
    var search = ContainerSearch()
    let both = [Self.outcome([("a", nil, .up)]), Self.outcome([("b", nil, .up)], of: "lb2")]
    let news = [both, [both[0], Self.failure(of: "lb2")], both].map { search.hasNews($0) }
    #expect(news == [true, false, false])
  }

  @Test func `what is missing is looked for at once, and after a minute once in a minute`() {
    var search = ContainerSearch()
    let looks = stride(from: 0.0, through: 300, by: 10).filter {
      search.looksOn(true, at: Self.time($0))
    }
    #expect(looks == [0, 10, 20, 30, 40, 50, 110, 170, 230, 290])
    let later = [(false, 310.0), (true, 320), (true, 330)].map {
      search.looksOn($0, at: Self.time($1))
    }
    #expect(later == [false, true, true], "another is missing")
  }

  @Test func `news begin the search anew`() {
    var search = ContainerSearch()
    for seconds in stride(from: 0.0, through: 100, by: 10) {
      _ = search.looksOn(true, at: Self.time(seconds))
    }
    _ = search.hasNews([Self.outcome([("a", nil, .up)])])
    let looks = [110.0, 120, 130].map { search.looksOn(true, at: Self.time($0)) }
    #expect(looks == [true, true, true])
  }
}
