import Balancing
import Control
import FoundationEssentials
import Testing

@testable import EvenkeelDaemon

/// What daemons tell each other, on its way there and back.
@Suite struct PeerReportTests {
  private typealias Text = ConfigurationText

  private static func server(_ name: ServerName, port: Int) -> ServerReading {
    var server = ServerReading(
      name: name, address: "10.0.0.1", port: port, state: .up, weight: Weight(clamping: 30),
      initialWeight: Weight(clamping: 100),
      requests: RequestCounters(arrived: 900, done: 890, failed: 3, inFlight: 7))
    server.lesson = ServerReading.Lesson(
      cost: ToldCost(secondsPerRequest: 0.004, requests: 800, ageSeconds: 2),
      requestsPerSecond: 12)
    return server
  }

  private static func report(_ configuration: Configuration, age: Double = 3) -> PeerReport {
    let reading = BalancerReading(
      process: ProcessIdentity(pid: 7, startedAtSeconds: 70), isStopping: false,
      backends: [
        "shop": BackendReading(
          algorithm: .dynamic(.rate), algorithmName: "roundrobin",
          servers: [server("s1", port: 80), server("s2", port: 81)])
      ])
    return PeerReport(
      evenkeel: evenkeelVersion, instance: "other", ageSeconds: age,
      intervalSeconds: configuration.interval.inSeconds,
      balancers: [PeerReport.Balancer("lb1", reading)],
      settings: configuration.backends.map(PeerSettings.init))
  }

  /// One in which nothing is absent.
  static func whole() throws -> PeerReport {
    var report = report(try #require(configuration))
    report.balancers[0].backends[0].servers[0].queued = 1
    report.balancers[0].backends[0].servers[0].responseSeconds = 0.02
    report.balancers[0].backends[0].servers[0].limit = 8
    return report
  }

  private static func answer(_ json: String) throws -> PeerAnswer {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(PeerAnswer.self, from: Data(json.utf8))
  }

  private static let configuration = try? Text.parse(Text.small(backends: #"[{"name": "shop"}]"#))

  @Test func `what is told arrives as it was, and is as much older as it took`() throws {
    let report = Self.report(try #require(Self.configuration))
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let json = String(decoding: try encoder.encode(report), as: UTF8.self)
    guard case .report(let back) = try Self.answer(json) else {
      Issue.record("it is of another version")
      return
    }
    #expect(back == report)
    let reading = back.reading(of: ["shop"], isNear: false)
    #expect(reading.teller == "other")
    #expect(reading.ageSeconds == 3)
    let servers = try #require(reading.backends["shop"]?.servers)
    #expect(servers.map(\.port) == [80, 81])
    #expect(servers.map(\.requests.arrived) == [900, 900])
    #expect(servers.first?.lesson?.cost?.ageSeconds == 5)
    #expect(servers.first?.lesson?.requestsPerSecond == 12)
  }

  @Test func `of another version nothing else is looked at`() throws {
    guard
      case .other(let version, let evenkeel) = try Self.answer(
        #"{"version": 2, "evenkeel": "9.9", "balancers": "by radio"}"#)
    else {
      Issue.record("it was read")
      return
    }
    #expect(version == 2)
    #expect(evenkeel == "9.9")
  }

  @Test func `an older peer that tells no costs and no settings is read all the same`() throws {
    let json = """
      {"version": 1, "evenkeel": "0.1.0", "instance": "i", "age_seconds": 1, "interval_seconds": 10,
       "balancers": [{"name": "lb", "pid": 1, "backends": [{"name": "shop", "servers": [
         {"name": "s1", "address": "10.0.0.1", "state": "up", "weight": 5, "initial_weight": 5,
          "arrived": 1, "done": 1, "failed": 0, "open": 0, "tried": 1, "tunnelled": 0,
          "totals_believed": true, "sessions_believed": true}]}]}]}
      """
    guard case .report(let report) = try Self.answer(json) else {
      Issue.record("it is of another version")
      return
    }
    let server = report.reading(of: ["shop"], isNear: false).backends["shop"]?.servers.first
    #expect(server?.requests.arrived == 1)
    #expect(server?.lesson == ServerReading.Lesson())
  }

  @Test func `addresses of the loopback tell nothing of another machine`() throws {
    var report = Self.report(try #require(Self.configuration))
    report.balancers[0].backends[0].servers[0].address = "127.0.0.1"
    func places(isNear: Bool) -> [String?] {
      report.reading(of: ["shop"], isNear: isNear).backends["shop"]?.servers.map(\.address) ?? []
    }
    #expect(places(isNear: false) == [nil, "10.0.0.1"])
    #expect(places(isNear: true) == ["127.0.0.1", "10.0.0.1"])
  }

  @Test func `what a peer is configured otherwise is said, a sentence each`() throws {
    let own = try #require(Self.configuration)
    let servers: [BackendName: [ServerReading]] = [
      "shop": [Self.server("a", port: 80), Self.server("b", port: 81)]
    ]
    #expect(
      Self.report(own).differences(from: own, isNear: false, servers: servers).isEmpty)
    var other = Self.report(
      try Text.parse(
        Text.small(
          #", "interval": "30s""#,
          backends: #"[{"name": "shop", "pattern": "x.*", "mode": "observe"}, {"name": "api"}]"#)))
    other.evenkeel = "0.0.9"
    let notes = other.differences(
      from: own, isNear: false, servers: ["shop": [Self.server("a", port: 80)]])
    #expect(notes.count == 6)
    let parts = [
      "0.0.9", "every 30 s", "`mode` of shop", "`pattern` of shop", "backend api", "1 of its 2",
    ]
    for part in parts {
      #expect(notes.contains { $0.contains(part) }, "\(part): \(notes)")
    }
    var without = Self.report(own)
    without.settings = []
    #expect(
      without.differences(from: own, isNear: false, servers: servers).first?
        .contains("no backend shop") == true)
  }
}
