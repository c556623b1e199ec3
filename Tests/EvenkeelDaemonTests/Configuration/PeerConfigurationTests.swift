import Balancing
import Control
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

  @Test(arguments: [
    (#""http://lb2""#, ["peers: must be a list, not a string"]),
    ("[7]", ["peers[0]: must be a URL or an object with `url`, not a number"]),
    (
      #"["http://lb2", "http://lb2/"]"#,
      ["peers[1]: is the same peer as peers[0] (remove one of them)"]
    ),
    ("[{}]", ["peers[0].url: is missing"]),
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
                  sessionsBelieved: true)
              ])
          ]))
    }
    let reading = report.reading(of: ["shop", "api"])
    #expect(reading.backends["api"]?.servers.isEmpty == true)
    let server = try #require(reading.backends["shop"]?.servers.first)
    #expect(server.requests.arrived == 7)
    #expect(server.requests.inFlight == 7)
    #expect(Set(server.disbeliefs.map(\.figure)) == [.totals, .currentSessions])
  }
}
