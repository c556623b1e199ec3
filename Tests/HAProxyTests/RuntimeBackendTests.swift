import HAProxy
import Testing

@Suite struct RuntimeBackendTests {
  private static func web(_ version: String) throws -> RuntimeBackend {
    try #require(
      try RuntimeBackend(
        named: "web",
        statistics: Table(statistics: CapturedReply.text("stat-web", version: version)),
        states: Table(serversState: CapturedReply.text("state-web", version: version))))
  }

  private static func server(_ name: String, _ version: String) throws -> RuntimeServer {
    try #require(try web(version).servers.first { $0.name == name })
  }

  @Test(arguments: CapturedReply.versions)
  func `a backend is the same in all versions`(version: String) throws {
    let web = try Self.web(version)
    #expect(web.name == "web")
    #expect(web.algorithm == "roundrobin")
    #expect(web.mode == .http)
    #expect(web.servers.map(\.name) == ["s1", "s2", "b1", "off", "dead", "zero"])
    #expect(web.servers.map(\.address) == Array(repeating: "127.0.0.1", count: 6))
    #expect(web.servers.map(\.port) == [7001, 7002, 7004, 7005, 7999, 7005])
    #expect(web.servers.allSatisfy { !$0.hasAgent && $0.throttlePercent == nil })
  }

  /// HAProxy 2.0 has no `uweight` in its statistics.
  @Test(arguments: CapturedReply.versions)
  func `the weight is the one of the servers' state`(version: String) throws {
    #expect(try Self.web(version).servers.map(\.currentWeight) == [100, 100, 100, 100, 100, 0])
    #expect(try Self.web(version).servers.map(\.initialWeight) == [100, 100, 100, 100, 100, 0])
  }

  @Test(arguments: CapturedReply.versions)
  func `a server that the configuration disables is in maintenance`(version: String) throws {
    let off = try Self.server("off", version)
    #expect(off.adminState == [.forcedMaintenance, .configuredMaintenance])
    #expect(!off.adminState.isDisjoint(with: .anyMaintenance))
    #expect(off.operationalState == .stopped)
    #expect(off.statusText == "MAINT")
  }

  @Test(arguments: CapturedReply.versions)
  func `a server that fails its checks is stopped and not in maintenance`(version: String) throws {
    let dead = try Self.server("dead", version)
    #expect(dead.adminState == [])
    #expect(dead.operationalState == .stopped)
    #expect(dead.statusText == "DOWN")
  }

  @Test(arguments: CapturedReply.versions)
  func `a weight of 0 is neither drain nor maintenance`(version: String) throws {
    let zero = try Self.server("zero", version)
    #expect(zero.currentWeight == 0)
    #expect(zero.adminState == [])
    #expect(zero.operationalState == .running)
    #expect(zero.statusText == "no check")
  }

  @Test(arguments: CapturedReply.versions)
  func `only a backup server is one`(version: String) throws {
    #expect(try Self.web(version).servers.filter(\.isBackup).map(\.name) == ["b1"])
  }

  @Test func `a version without a request counter has none`() throws {
    #expect(try Self.server("s1", "2.0.0").counters == ServerCounters(responseMilliseconds: 0))
    #expect(
      try Self.server("s1", "2.6.12").counters
        == ServerCounters(requestsTotal: 0, responseMilliseconds: 0))
  }

  @Test func `counters are taken from their columns`() throws {
    let header =
      "# pxname,svname,type,qcur,scur,stot,econ,eresp,wretr,wredis,hrsp_1xx,hrsp_2xx,hrsp_3xx,"
      + "hrsp_4xx,hrsp_5xx,hrsp_other,req_tot,throttle,agent_status,status,bck,mode,algo,lbtot,slim,\n"
    let state = "1\n# be_name srv_name srv_addr srv_port srv_op_state srv_admin_state srv_uweight"
    let status = try RuntimeBackend(
      named: "b",
      statistics: Table(
        statistics: header + "b,s,2,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,L7OK,UP,0,tcp,,16,17,\n"
          + "b,BACKEND,1,,,,,,,,,,,,,,,,,UP,,tcp,leastconn,,,\n"),
      states: Table(
        serversState: state + " srv_iweight srvrecord\nb s - 0 1 8 20 30 _http._tcp.shop\n"))
    let expected = RuntimeServer(
      name: "s", address: nil, port: nil, currentWeight: 20, initialWeight: 30,
      operationalState: .starting, adminState: .forcedDrain, hasAgent: true,
      srvRecord: "_http._tcp.shop", throttlePercent: 15,
      counters: ServerCounters(
        totalSessions: 3, currentSessions: 2, queued: 1, retries: 6, redispatches: 7,
        connectionErrors: 4, responseErrors: 5, responses1xx: 8, responses2xx: 9,
        responses3xx: 10, responses4xx: 11, responses5xx: 12, responsesOther: 13,
        requestsTotal: 14, totalBalanced: 16, sessionLimit: 17))
    #expect(
      status == RuntimeBackend(name: "b", algorithm: "leastconn", mode: .tcp, servers: [expected]))
    #expect(expected.counters.responses == 63)
  }

  @Test func `the sum of answers does not overflow`() {
    #expect(ServerCounters(responses2xx: .max, responses5xx: 1).responses == .max)
  }

  @Test func `a server that one of the two tables lacks is left out`() throws {
    let states = try CapturedReply.text("state-web", version: "2.6.12")
    let shorter = states.split(separator: "\n").filter { !$0.contains(" s2 ") }
    let web = try RuntimeBackend(
      named: "web",
      statistics: Table(statistics: CapturedReply.text("stat-web", version: "2.6.12")),
      states: Table(serversState: shorter.joined(separator: "\n")))
    #expect(web?.servers.map(\.name) == ["s1", "b1", "off", "dead", "zero"])
  }

  @Test func `a server that is listed twice is one server`() throws {
    let statistics = try CapturedReply.text("stat-web", version: "2.6.12")
    let lines = statistics.split(separator: "\n")
    let web = try RuntimeBackend(
      named: "web",
      statistics: Table(statistics: (lines + lines.dropFirst()).joined(separator: "\n")),
      states: Table(serversState: CapturedReply.text("state-web", version: "2.6.12")))
    #expect(web?.servers.map(\.name) == ["s1", "s2", "b1", "off", "dead", "zero"])
  }

  @Test func `an operational state that is none is an error`() throws {
    let states = try CapturedReply.text("state-web", version: "2.6.12")
    let broken = states.split(separator: "\n").map { line in
      line.contains(" s1 ") ? "2 web 1 s1 127.0.0.1 9 0 100 100" : String(line)
    }
    #expect(throws: MalformedReply("`srv_op_state` is 9")) {
      try RuntimeBackend(
        named: "web",
        statistics: Table(statistics: CapturedReply.text("stat-web", version: "2.6.12")),
        states: Table(serversState: broken.joined(separator: "\n")))
    }
  }
}
