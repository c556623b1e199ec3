import AsyncHTTPClient
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import Demo

/// The endpoints against what cAdvisor 0.38.7 really answered.
struct CAdvisorRepliesTests {
  private let host = Cluster.standard.hosts[0]
  private let replies: CAdvisorReplies

  init() {
    let cluster = VirtualCluster(.standard, clock: DemoClock())
    replies = CAdvisorReplies(
      host: host, servers: cluster.servers(on: host), clock: cluster.clock)
  }

  private func captured(_ name: String) throws -> JSONShape {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appending(path: "CAdvisorTests/Replies/0.38.7/\(name).json")
    return try JSONDecoder().decode(JSONShape.self, from: Data(contentsOf: file))
  }

  private func expectShape(
    _ reply: some Encodable, within name: String, containing needed: Set<String>,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let ours = try JSONDecoder().decode(JSONShape.self, from: JSONEncoder().encode(reply)).paths
    let theirs = try captured(name).paths
    #expect(ours.subtracting(theirs) == [], sourceLocation: sourceLocation)
    #expect(needed.subtracting(ours) == [], sourceLocation: sourceLocation)
  }

  @Test func `container samples are built as cAdvisor's`() throws {
    try expectShape(
      replies.containerStats(), within: "v2.1-stats-docker-count1",
      containing: [
        ".*.spec.aliases[]: string", ".*.spec.namespace: string", ".*.stats[].timestamp: string",
        ".*.stats[].cpu.usage.total: number", ".*.spec.cpu.limit: number",
        ".*.spec.creation_time: string",
      ])
  }

  @Test func `the host's sample is built as cAdvisor's`() throws {
    try expectShape(
      replies.machineStats(), within: "v2.1-machinestats-count2",
      containing: ["[].timestamp: string", "[].cpu.usage.total: number"])
  }

  @Test func `quotas are built as cAdvisor's`() throws {
    try expectShape(
      replies.containers(), within: "v1.3-docker-num0",
      containing: [
        ".*.id: string", ".*.name: string", ".*.aliases[]: string", ".*.namespace: string",
        ".*.spec.cpu.quota: number", ".*.spec.cpu.period: number", ".*.spec.has_cpu: boolean",
      ])
  }

  @Test func `the machine is built as cAdvisor's`() throws {
    try expectShape(
      replies.machine(), within: "v1.3-machine",
      containing: [".num_cores: number", ".boot_id: string", ".timestamp: string"])
  }

  @Test func `a container is known by its name and by a full id`() throws {
    let containers = replies.containers()
    #expect(
      Set(containers.values.map(\.aliases[0]))
        == Set(Cluster.standard.servers.filter { $0.host == host.name }.map(\.name)))
    for (path, container) in containers {
      #expect(path == "/docker/\(container.id)")
      #expect(container.name == path)
      #expect(container.aliases == [container.aliases[0], container.id])
      #expect(container.id.wholeMatch(of: /[0-9a-f]{64}/) != nil)
    }
    #expect(Set(replies.containerStats().keys) == Set(containers.keys))
  }

  @Test func `quota over period is what the server has`() throws {
    let quotas = Dictionary(
      uniqueKeysWithValues: replies.containers().values.map { ($0.aliases[0], $0.spec.cpu) })
    for server in Cluster.standard.servers where server.host == host.name {
      let limits = try #require(quotas[server.name])
      let quota = Double(try #require(limits.quota)) / Double(try #require(limits.period))
      #expect(abs(quota - server.quotaCores) < 1e-9)
    }
  }

  @Test(arguments: [
    (0 as Int64, "1970-01-01T00:00:00.000000000Z"),
    (1_795_554_195_177_708_906, "2026-11-24T21:03:15.177708906Z"),
    (1_709_210_096_000_000_007, "2024-02-29T12:34:56.000000007Z"),
  ])
  func `timestamps are written to the nanosecond`(nanoseconds: Int64, text: String) {
    #expect(rfc3339(nanoseconds: nanoseconds) == text)
  }

  @Test func `an endpoint answers what evenkeel asks for`() async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let questions: [(NIOHTTP1.HTTPMethod, String)] = [
      (.GET, "/api/v2.1/stats?type=docker&recursive=true&count=1&max_age=1s"),
      (.GET, "/api/v2.1/machinestats?count=1&max_age=1s"),
      (.POST, "/api/v1.3/docker/"),
      (.GET, "/api/v1.3/machine"),
    ]
    try await withHTTPServers([routes(of: replies)], logger: logger) { ports in
      try await withLoadClient { client in
        for (method, path) in questions {
          var request = HTTPClientRequest(url: "http://127.0.0.1:\(ports[0])\(path)")
          request.method = method
          if method == .POST { request.body = .bytes(ByteBuffer(string: #"{"num_stats":0}"#)) }
          let response = try await client.execute(request, timeout: .seconds(10))
          let body = try await response.body.collect(upTo: 1 << 20)
          #expect(response.status == .ok, "\(path)")
          #expect(response.headers.first(name: "content-type") == "application/json", "\(path)")
          #expect(response.headers.contains(name: "date"), "\(path)")
          #expect(throws: Never.self, "\(path)") {
            try JSONDecoder().decode(JSONShape.self, from: Data(body.readableBytesView))
          }
        }
      }
    }
  }
}
