import Balancing
import Control
import Names
import Testing

@testable import EvenkeelDaemon

struct PeerConfigurationTests {
  private typealias Text = ConfigurationText

  @Test func `peers are balancers of every backend that are only read`() throws {
    let configuration = try Text.parse(
      Text.small(
        #", "peers": ["http://lb2:9797/", {"url": "https://[::1]:444/keel", "token_file": "t"}]"#,
        backends: #"[{"name": "shop"}, {"name": "api"}]"#))
    let names: [BalancerName] = ["lb2:9797", "[::1]:444/keel"]
    #expect(configuration.peers.map(\.name) == names)
    #expect(configuration.peers.map(\.url) == ["http://lb2:9797", "https://[::1]:444/keel"])
    #expect(configuration.peers.last?.tokenFile == "/etc/evenkeel/t")
    let settings = configuration.controlSettings
    #expect(settings.peers == Set(names))
    #expect(settings.readOnlyBalancers == Set(names))
    #expect(settings.backends.allSatisfy { $0.balancers == ["lb1"] + names })
  }

  @Test func `a name with several addresses is several peers, and one that is gone stays known`()
    async throws
  {
    let configuration = try Text.parse(
      Text.small(
        #"""
        , "peers": [{"url": "https://lbs:9797", "token_file": "t", "ca_file": "ca"},
          "http://10.0.0.2:9797", "http://dual:9797", "http://nowhere:9797", "http://127.0.0.1:1"]
        """#))
    let resolver = NameResolver { name in
      switch name {
      case "lbs": .success(["10.0.0.3", "10.0.0.2", "fd00::2"])
      case "dual": .success(["fd00::7", "10.0.0.7"])
      default: .failure(.unknown("no such name"))
      }
    }
    let names = PeerNames(configuration.peers, resolver: resolver, patience: .seconds(5))
    let members = await names.members(knowing: configuration.peers)
    let wanted: [BalancerName] = [
      "10.0.0.2:9797", "10.0.0.3:9797", "dual:9797", "nowhere:9797", "127.0.0.1:1",
    ]
    #expect(members.map(\.name) == wanted)
    #expect(members.map(\.address) == ["10.0.0.2", "10.0.0.3", nil, nil, nil])
    #expect(members[1].url == "https://lbs:9797")
    #expect(members[1].caFile == "/etc/evenkeel/ca")
    let deaf = PeerNames(
      configuration.peers, resolver: NameResolver { _ in .failure(.unknown("no such name")) },
      patience: .seconds(5))
    #expect(await deaf.members(knowing: members).map(\.name) == wanted)
  }

  @Test func `a peer on this machine may be a socket, and its loopback is ours`() throws {
    let configuration = try Text.parse(
      Text.small(#", "peers": ["unix:/run/b.sock", "http://127.0.0.1:9", "http://lb2:9"]"#))
    #expect(configuration.peers.map(\.isNear) == [true, true, false])
    #expect(configuration.peers.map(\.name.text) == ["unix:/run/b.sock", "127.0.0.1:9", "lb2:9"])
    _ = try StatusClient(peer: configuration.peers[0], token: nil)
  }

  @Test(arguments: [
    (#""http://lb2""#, ["peers: must be a list, not a string"]),
    ("[7]", ["peers[0]: must be a URL or an object with `url`, not a number"]),
    (
      #"["http://lb2", "http://lb2/"]"#,
      ["peers[1]: is the same peer as peers[0] (remove one of them)"]
    ),
    ("[{}]", ["peers[0].url: is missing"]),
    (
      #"["unix:run/a.sock"]"#,
      ["peers[0]: `run/a.sock` is no absolute path (allowed: a path that begins with /)"]
    ),
    (
      #"[{"url": "unix:/run/a.sock", "ca_file": "ca"}]"#,
      ["peers[0].ca_file: has no use with a socket (write https:// in `url`)"]
    ),
    (
      #"[{"url": "http://lb2", "ca_file": "ca"}]"#,
      ["peers[0].ca_file: has no use with http:// (write https:// in `url`)"]
    ),
  ])
  func `peers are checked`(peers: String, complaints: [String]) {
    #expect(
      Text.complaints(Text.small(#", "peers": \#(peers)"#)).map {
        $0.replacing("config.json: ", with: "")
      }
        == complaints)
  }

  @Test func `what a peer says that cannot be is not believed, and never traps`() throws {
    var report = PeerReport(
      evenkeel: "0", instance: "i", ageSeconds: 0, intervalSeconds: 10, balancers: [])
    for value in [Double.nan, -.infinity, -1, 0, 7, 1e300, .infinity] {
      report.balancers.append(
        PeerReport.Balancer(
          name: "lb", pid: .max, startedAtSeconds: .min,
          backends: [
            PeerReport.Backend(
              name: "shop",
              servers: [
                PeerReport.Server(
                  name: "s1", address: nil, state: .up, weight: .min, initialWeight: .max,
                  arrived: value, done: value, failed: value, open: value, tried: value,
                  tunnelled: value, queued: value, responseSeconds: value, totalsBelieved: true,
                  sessionsBelieved: true, requestsPerSecond: value,
                  cost: PeerReport.Cost(
                    secondsPerRequest: value, requests: value, ageSeconds: value))
              ])
          ]))
    }
    let reading = report.reading(of: ["shop", "api"], isNear: false)
    #expect(reading.backends["api"]?.servers.isEmpty == true)
    let servers = try #require(reading.backends["shop"]?.servers)
    #expect(servers.map(\.requests.arrived) == [0, 0, 0, 0, 7, 0, 0])
    #expect(servers.map(\.requests.inFlight) == [0, 0, 0, 0, 7, 0, 0])
    #expect(servers.map { $0.lesson?.requestsPerSecond } == [nil, nil, nil, 0, 7, nil, nil])
    for (server, isTrue) in zip(servers, [false, false, false, true, true, false, false]) {
      #expect(
        Set(server.disbeliefs.map(\.figure)) == (isTrue ? [] : [.totals, .currentSessions]))
    }
  }
}
