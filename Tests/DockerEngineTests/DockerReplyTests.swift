import Foundation
import Testing

@testable import DockerEngine

/// What real services answer: Docker 20.10.24 and Podman 4.3.1, as in Debian 12.
@Suite struct DockerReplyTests {
  private func reply(_ name: String) throws -> [UInt8] {
    let folder = try #require(Bundle.module.resourceURL).appending(path: "Replies")
    return Array(try Data(contentsOf: folder.appending(path: name)))
  }

  @Test(arguments: ["docker-20.10.24", "podman-4.3.1"])
  func `a container is listed with its name and its labels`(service: String) throws {
    let listed = try DockerReply.list(try reply("\(service)/list.json"))
    let container = try #require(listed.containers.first { $0.name == "api-1" })
    #expect(container.id.count == 64 && container.addresses.isEmpty)
    #expect(container.labels["haproxy.server"] == "web1")
  }

  @Test(arguments: ["docker-20.10.24", "podman-4.3.1"])
  func `its quota is read, by whatever key it was set`(service: String) throws {
    let limits = try #require(try DockerReply.limits(try reply("\(service)/inspect.json")))
    #expect(limits.quotaMicroseconds == 10_000 && limits.periodMicroseconds == 100_000)
    #expect(limits.cpus == nil)
  }

  @Test func `CPUs that it is pinned to are read, and so are its shares`() throws {
    let limits = try #require(
      try DockerReply.limits(try reply("docker-20.10.24/inspect-pinned.json")))
    #expect(limits == ContainerLimits(cpus: "0", shares: 512))
  }

  @Test(arguments: [
    ("docker-20.10.24", "2026-11-28T21:4"), ("podman-4.3.1", "2026-11-28T21:45:40.500792367Z"),
  ])
  func `what it used is read with its time`(service: String, time: String) throws {
    let use = try #require(try DockerReply.use(try reply("\(service)/stats.json")))
    #expect(use.readAt.hasPrefix(time) && use.onlineCores == 2)
    #expect((200_000_000...10_000_000_000).contains(use.cpuNanoseconds))
  }

  @Test func `a container in another one's network has that one's addresses`() throws {
    let text = """
      [{"Id": "a", "Names": ["/tail"],
        "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}}},
       {"Id": "b", "Names": ["/app"], "HostConfig": {"NetworkMode": "container:a"}},
       {"Id": "c", "Names": ["/web"], "HostConfig": {"NetworkMode": "container:tail"}},
       {"Id": "d", "Names": ["/lost"], "HostConfig": {"NetworkMode": "container:gone"}}]
      """
    let list = try DockerReply.list(Array(text.utf8))
    #expect(
      list.containers.map { list.addresses(of: $0) } == [
        ["172.17.0.2"], ["172.17.0.2"], ["172.17.0.2"], [],
      ])
  }

  @Test(arguments: [#"{"periods": "x"}"#, #"{"periods": -1}"#, "[]", "null"])
  func `throttling of another form takes nothing away`(throttling: String) throws {
    let text =
      #"{"read": "2026-01-01T00:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 5}, "#
      + #""throttling_data": \#(throttling)}}"#
    let use = try #require(try DockerReply.use(Array(text.utf8)))
    #expect(use.cpuNanoseconds == 5 && use.periods == nil)
  }

  @Test func `how often its quota ran out is read where it is told`() throws {
    let docker = try #require(try DockerReply.use(try reply("docker-20.10.24/stats.json")))
    #expect(docker.periods == 185 && docker.throttledPeriods == 177)
    // Podman says nothing of it, even with a quota.
    let podman = try #require(try DockerReply.use(try reply("podman-4.3.1/stats.json")))
    #expect(podman.periods == 0 && podman.throttledPeriods == 0)
  }

  @Test func `a container with an address of its own has it, by either protocol`() throws {
    let text = """
      [{"Id": "a", "Names": ["/web/db", "/db"], "Labels": null,
        "HostConfig": {"NetworkMode": "bridge"},
        "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2",
          "GlobalIPv6Address": ""}, "more": {"GlobalIPv6Address": "2001:db8::2"}, "none": null}}},
       {"Names": ["/no-id"]}, 7, {"Id": "b"}]
      """
    #expect(
      try DockerReply.list(Array(text.utf8))
        == ContainerList(
          containers: [
            ListedContainer(id: "a", name: "db", addresses: ["172.17.0.2", "2001:db8::2"]),
            ListedContainer(id: "b", name: "b"),
          ], unreadable: 2))
  }

  @Test func `a container that has just ended has used nothing that counts`() throws {
    let text = #"{"read": "0001-01-01T00:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 0}}}"#
    #expect(try DockerReply.use(Array(text.utf8)) == nil)
    #expect(try DockerReply.use(Array("{}".utf8)) == nil)
  }

  @Test(arguments: ["", "<html>", "[]", "7", #"{"cpu_stats": 7}"#])
  func `what is not Docker's is refused with a word`(text: String) {
    let error = #expect(throws: MalformedDockerReply.self) {
      try DockerReply.use(Array(text.utf8))
    }
    #expect(error?.detail.isEmpty == false)
  }

  /// At 513 brackets the decoder gives up.
  @Test(arguments: [1, 512, 513, 514])
  func `a reply that breaks off is refused, in UTF-16 as well`(depth: Int) {
    for bracket in [[UInt8(ascii: "[")], [UInt8(ascii: "["), 0]] {
      #expect(throws: MalformedDockerReply.self) {
        try DockerReply.list(Array(Array(repeating: bracket, count: depth).joined()))
      }
    }
  }

  @Test(
    arguments: [
      (#"{"NanoCpus": -1, "CpuQuota": -1}"#, nil), (#"{"NanoCpus": 1}"#, 1),
      (#"{"NanoCpus": 9223372036854775807}"#, 922_337_203_685_477),
      (#"{"CpuQuota": 25000, "CpuPeriod": 0}"#, 25_000),
    ] as [(String, Int64?)])
  func `a quota that cannot be is none`(host: String, quota: Int64?) throws {
    let limits = try DockerReply.limits(Array(#"{"HostConfig": \#(host)}"#.utf8))
    #expect(limits?.quotaMicroseconds == quota)
  }
}
