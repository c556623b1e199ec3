import HAProxy
import HAProxyTestSupport
import Testing

/// What the client reads from a real HAProxy.
@Suite(.serialized) struct ReadingTests {
  @Test func `a reading has the process and every backend that was asked for`() async throws {
    try await RealHAProxy.run(
      """
      backend one
        server a 127.0.0.1:1 weight 30
        server b [::1]:2 weight 0 backup
      backend two
        mode tcp
        balance leastconn
        server c unix@c.sock
      """
    ) { haproxy in
      let reading = try await haproxy.client.read(backends: ["two", "one", "nowhere"])
      #expect(reading.process.identity.pid > 0)
      #expect(reading.process.identity.startTimeSeconds != nil)
      #expect(reading.process.node == "lab")
      #expect(reading.process.version.first?.isNumber == true)
      #expect(!reading.process.isStopping)
      #expect(Set(reading.backends.keys) == ["one", "two"])
      let one = try #require(reading.backends["one"])
      #expect(one.algorithm == "roundrobin")
      #expect(one.mode == .http)
      #expect(one.servers.map(\.name) == ["a", "b"])
      #expect(one.servers.map(\.address) == ["127.0.0.1", "::1"])
      #expect(one.servers.map(\.port) == [1, 2])
      #expect(one.servers.map(\.currentWeight) == [30, 0])
      #expect(one.servers.map(\.isBackup) == [false, true])
      let two = try #require(reading.backends["two"])
      #expect(two.algorithm == "leastconn")
      #expect(two.mode == .tcp)
      #expect(two.servers.map(\.address) == [nil])
      #expect(two.servers.map(\.port) == [nil])
      #expect(two.servers.map(\.adminState) == [[]])
    }
  }

  @Test func `the list of backends is in the order of the configuration`() async throws {
    try await RealHAProxy.run("backend z\nlisten a\n  bind unix@a.sock\nbackend m") { haproxy in
      let names = try await haproxy.client.listBackends()
      #expect(names == ["z", "a", "m"])
    }
  }

  @Test func `a backend is found although a frontend has its name`() async throws {
    try await RealHAProxy.run(
      """
      frontend web
        bind unix@web.sock
        default_backend web
      backend web
        server s 127.0.0.1:1 weight 7
      """
    ) { haproxy in
      let web = try await haproxy.client.read(backends: ["web"]).backends["web"]
      #expect(web?.servers.map(\.currentWeight) == [7])
    }
  }

  @Test func `a backend without servers is there, a disabled one is not`() async throws {
    try await RealHAProxy.run(
      "backend empty\nbackend off\n  disabled\n  server s 127.0.0.1:1"
    ) { haproxy in
      let backends = try await haproxy.client.read(backends: ["empty", "off"]).backends
      #expect(backends["empty"]?.servers == [])
      #expect(backends["off"] == nil)
    }
  }

  @Test func `several hundred backends are read in one go`() async throws {
    let names = (0..<300).map { "backend-number-\($0)" }
    let sections = names.map { "backend \($0)\n  server s 127.0.0.1:1 weight 42" }
    try await RealHAProxy.run(sections.joined(separator: "\n")) { haproxy in
      let backends = try await haproxy.client.read(backends: names).backends
      #expect(backends.count == 300)
      #expect(backends.values.allSatisfy { $0.servers.map(\.currentWeight) == [42] })
    }
  }

  @Test func `a thousand servers are read and written`() async throws {
    let servers = (0..<1000).map { "  server s\($0) 127.0.0.1:1 weight 10" }
    try await RealHAProxy.run("backend big\n" + servers.joined(separator: "\n")) { haproxy in
      let assignments = (0..<1000).map {
        WeightAssignment(backend: "big", server: "s\($0)", weight: $0 % 257)
      }
      let results = try await haproxy.client.setWeights(assignments, ifProcess: nil)
      #expect(results == Array(repeating: .written, count: 1000))
      let big = try await haproxy.client.read(backends: ["big"]).backends["big"]
      #expect(big?.servers.map(\.currentWeight) == assignments.map(\.weight))
    }
  }

  @Test func `answered requests are counted until the counters are cleared`() async throws {
    try await RealHAProxy.run(
      """
      listen web
        bind unix@web.sock
        server s unix@s.sock
      frontend s
        bind unix@s.sock
        http-request return status 503
      """
    ) { haproxy in
      for _ in 0..<3 { _ = try await OneExchange.get(from: haproxy.path("web.sock")) }
      func read() async throws -> (ServerCounters?, RuntimeProcess.Identity) {
        let reading = try await haproxy.client.read(backends: ["web"])
        let counters = reading.backends["web"]?.servers.first?.counters
        return (counters?.withoutTimes, reading.process.identity)
      }
      let (before, process) = try await eventually("the requests are counted") {
        let (counters, process) = try await read()
        return counters?.responses5xx == 3 ? (counters, process) : nil
      }
      #expect(
        before
          == ServerCounters(
            totalSessions: 3, responses5xx: 3, requestsTotal: 3, totalBalanced: 3))
      try await haproxy.command("clear counters all")
      let (after, sameProcess) = try await read()
      #expect(after == ServerCounters(requestsTotal: 0))
      #expect(sameProcess == process)
    }
  }

  @Test func `a server that refuses has an error, and a session for each attempt, but no answer`()
    async throws
  {
    let nobody = try await FreePort.reserve()
    try await RealHAProxy.run(
      """
      listen web
        bind unix@web.sock
        retries 1
        server s \(nobody.host):\(nobody.port)
      """
    ) { haproxy in
      _ = try await OneExchange.get(from: haproxy.path("web.sock"))
      let counters = try await eventually("the error is counted") {
        let counters = try await haproxy.server("s", of: "web").counters
        return counters.connectionErrors == 1 ? counters.withoutTimes : nil
      }
      #expect(
        counters
          == ServerCounters(
            totalSessions: 2, retries: 1, connectionErrors: 1, requestsTotal: 0, totalBalanced: 1))
    }
  }

  @Test func `requests that went elsewhere are sessions of both servers`() async throws {
    let nobody = try await FreePort.reserve()
    try await RealHAProxy.run(
      """
      listen web
        bind unix@web.sock
        option redispatch 1
        server away \(nobody.host):\(nobody.port)
        server here unix@here.sock
      frontend here
        bind unix@here.sock
        http-request return status 200
      """
    ) { haproxy in
      for _ in 0..<2 { _ = try await OneExchange.get(from: haproxy.path("web.sock")) }
      let here = try await eventually("both requests are answered") {
        let counters = try await haproxy.server("here", of: "web").counters
        return counters.responses2xx == 2 ? counters.withoutTimes : nil
      }
      let away = try await haproxy.server("away", of: "web").counters
      #expect(
        here
          == ServerCounters(
            totalSessions: 2, responses2xx: 2, requestsTotal: 2, totalBalanced: 2))
      #expect(away.totalSessions == away.redispatches)
      #expect(away.redispatches > 0)
      #expect(away.responses == 0)
    }
  }

  @Test func `a server that a DNS SRV record fills is told from one with a host's name`()
    async throws
  {
    try await RealHAProxy.run(
      """
      resolvers dns
        nameserver none 127.0.0.1:1
      backend web
        default-server init-addr none resolvers dns
        server-template record 2 _http._tcp.shop.example weight 100
        server-template host 1 shop.example:80 weight 100
      """
    ) { haproxy in
      let record = try await haproxy.server("record2", of: "web")
      #expect(record.srvRecord == "_http._tcp.shop.example")
      #expect(record.adminState.contains(.resolutionMaintenance))
      #expect(try await haproxy.server("host1", of: "web").srvRecord == nil)
    }
  }

  @Test func `a server that comes back under slowstart is starting`() async throws {
    try await RealHAProxy.run(
      "backend web\n  server s 127.0.0.1:1 weight 100 slowstart 60s"
    ) { haproxy in
      try await haproxy.command("set server web/s state maint")
      let maintained = try await haproxy.server("s", of: "web")
      #expect(maintained.adminState == .forcedMaintenance)
      #expect(maintained.operationalState == .stopped)
      #expect(maintained.statusText == "MAINT")
      try await haproxy.command("set server web/s state ready")
      let ready = try await haproxy.server("s", of: "web")
      #expect(ready.operationalState == .starting)
      #expect(ready.adminState == [])
      #expect(ready.currentWeight == 100)
      #expect(try #require(ready.throttlePercent) < 100)
    }
  }

  @Test func `a weight that is set in maintenance stands at once`() async throws {
    try await RealHAProxy.run("backend web\n  server s 127.0.0.1:1 weight 100") { haproxy in
      try await haproxy.command("set server web/s state maint")
      try await haproxy.command("set weight web/s 55")
      #expect(try await haproxy.server("s", of: "web").currentWeight == 55)
    }
  }

  @Test func `a drained server keeps its weight`() async throws {
    try await RealHAProxy.run("backend web\n  server s 127.0.0.1:1 weight 100") { haproxy in
      try await haproxy.command("set server web/s state drain")
      let drained = try await haproxy.server("s", of: "web")
      #expect(drained.adminState == .forcedDrain)
      #expect(drained.operationalState == .running)
      #expect(drained.currentWeight == 100)
    }
  }

  @Test func `an agent and the weight that it sets are seen`() async throws {
    try await Agent.run(saying: "up 50% # fine, \"really\"\n") { agent in
      try await RealHAProxy.run(
        """
        backend web
          server s 127.0.0.1:1 weight 80 agent-check agent-port \(agent.port) agent-inter 100ms
          server t 127.0.0.1:1 weight 80
        """
      ) { haproxy in
        let server = try await eventually("the agent halves the weight") {
          let server = try await haproxy.server("s", of: "web")
          return server.currentWeight == 40 ? server : nil
        }
        #expect(server.hasAgent)
        #expect(server.initialWeight == 80)
        #expect(try await haproxy.server("t", of: "web").hasAgent == false)
      }
    }
  }

  @Test(arguments: [
    ("admin.sock", AccessLevel.admin, "roundrobin"), ("operator.sock", .operator, "roundrobin"),
    ("user.sock", .user, ""),
  ])
  func `a socket tells its level, and below operator no algorithm`(
    socket: String, level: AccessLevel, algorithm: String
  ) async throws {
    try await RealHAProxy.run("backend web\n  server s 127.0.0.1:1") { haproxy in
      let client = haproxy.client(socket)
      #expect(try await client.accessLevel() == level)
      let web = try await client.read(backends: ["web"]).backends["web"]
      #expect(web?.algorithm == algorithm)
      #expect(web?.servers.map(\.currentWeight) == [1])
    }
  }

  @Test func `a TCP address serves as well as a unix socket`() async throws {
    let place = try await FreePort.reserve()
    try await RealHAProxy.run(
      """
      global
        stats socket ipv4@\(place.host):\(place.port) level admin
      backend web
        server s 127.0.0.1:1
      """
    ) { haproxy in
      let client = RuntimeClient(
        address: .tcp(host: place.host, port: place.port), group: haproxy.group)
      let results = try await client.setWeights(
        [WeightAssignment(backend: "web", server: "s", weight: 9)], ifProcess: nil)
      #expect(results == [.written])
      #expect(
        try await client.read(backends: ["web"]).backends["web"]?.servers.first?.currentWeight == 9)
    }
  }
}

extension ServerCounters {
  /// What does not depend on how quick the machine is.
  fileprivate var withoutTimes: ServerCounters {
    var counters = self
    counters.responseMilliseconds = nil
    return counters
  }
}
