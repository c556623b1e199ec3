import NIOCore
import Testing

@testable import CAdvisor

/// What a real cAdvisor sent, to the last digit.
struct ReplyDecoderTests {
  private static let api1 =
    "/docker/841c8cfe18def58e869a31e412d2c709c6f4b2922c64b961580d7a8badad624a"
  private static let idle =
    "/docker/bd2dda47c5e6bd3748219b1dcf90fd945556d1c9ba75d93d0a057cd1718494db"

  /// First alias and samples, by the order of ids.
  static let newest: [(alias: String, sample: Sample)] = [
    ("api-1", sample(1_795_554_195_177_708_906, 80_467_210_820, 8_048, 8_012)),
    (
      "k8s_app_pod-abc_default_0b1c2d3e-1111-2222-3333-444455556666_0",
      sample(1_795_554_110_418_947_463, 23_501_435, 0, 0)
    ),
    ("idle", sample(1_795_554_192_464_945_648, 22_979_202, 0, 0)),
    ("api-2", sample(1_795_554_194_379_507_652, 39_525_464_179, 8_038, 0)),
    ("shop_web_1", sample(1_795_554_194_407_460_302, 39_567_135_239, 0, 0)),
  ]

  private static func sample(
    _ time: Int64, _ total: UInt64, _ periods: UInt64, _ throttled: UInt64
  ) -> Sample {
    Sample(
      timestampNanoseconds: time, cpuTotalNanoseconds: total, periods: periods,
      throttledPeriods: throttled)
  }

  @Test(arguments: [
    ("v2.1-stats-docker-count1.json", APIVersion.v2_1), ("v1.3-docker-num1.json", .v1_3),
  ])
  func `both versions tell the same of the same containers`(_ file: String, _ version: APIVersion)
    throws
  {
    let reply = try ReplyDecoder.containers(CapturedReply.reply(file), version)
    #expect(reply.malformed.isEmpty)
    #expect(reply.containers.map { $0.aliases.first } == Self.newest.map(\.alias))
    #expect(reply.containers.map(\.samples) == Self.newest.map { [$0.sample] })
    #expect(reply.containers.allSatisfy { $0.namespace == "docker" && $0.aliases.count == 2 })
    #expect(reply.containers.first?.id == Self.api1)
    #expect(
      reply.containers.map(\.labels) == [
        ["haproxy.server": "api-1"],
        [
          "io.kubernetes.container.name": "app", "io.kubernetes.pod.name": "pod-abc",
          "io.kubernetes.pod.namespace": "default",
          "io.kubernetes.pod.uid": "0b1c2d3e-1111-2222-3333-444455556666",
        ],
        [:],
        ["haproxy.server": "web2"],
        [
          "com.docker.compose.container-number": "1", "com.docker.compose.project": "shop",
          "com.docker.compose.service": "web",
        ],
      ])
  }

  @Test func `labels that nobody asks for are not kept, but of a container without a name`()
    throws
  {
    func labels(keeping kept: Set<String>?) throws -> [[String: String]] {
      var reader = ReplyDecoder.containers(keeping: kept)
      try reader.take(CapturedReply.reply("v2.1-stats-docker-count1.json").body)
      return try reader.finish(answeredAt: nil).containers.map(\.labels)
    }
    #expect(
      try labels(keeping: ["haproxy.server", "other"]) == [
        ["haproxy.server": "api-1"], [:], [:], ["haproxy.server": "web2"], [:],
      ])
    #expect(try labels(keeping: nil).map(\.count) == [1, 4, 0, 1, 3])
    var reader = ReplyDecoder.containers(keeping: [])
    try reader.take(ByteBuffer(string: #"{"/docker/a":{"spec":{"labels":{"a":"b"}}},"/b":{}}"#))
    let containers = try reader.finish(answeredAt: nil).containers
    #expect(containers.map(\.id) == ["/b", "/docker/a"])
    #expect(containers.map(\.isRawCgroup) == [true, false])
  }

  @Test(arguments: ["v2.1-stats-docker-count2.json", "v2.1-stats-docker-lean-count2.json"])
  func `samples are ordered by time`(_ file: String) throws {
    let reply = try ReplyDecoder.containers(CapturedReply.reply(file), .v2_1)
    #expect(reply.containers.count == 5)
    for container in reply.containers {
      let times = container.samples.map(\.timestampNanoseconds)
      #expect(times.count == 2 && times == times.sorted())
    }
  }

  @Test func `a cAdvisor with metrics switched off still tells what is needed`() throws {
    let reply = try ReplyDecoder.containers(
      CapturedReply.reply("v2.1-stats-docker-lean-count2.json"), .v2_1)
    let api1 = try #require(reply.containers.first { $0.aliases.first == "api-1" })
    #expect(api1.labels.isEmpty)
    #expect(
      api1.samples == [
        Self.sample(1_795_555_294_227_066_024, 16_969_849_515, 2_675, 437),
        Self.sample(1_795_555_297_312_742_670, 17_279_896_803, 2_706, 468),
      ])
  }

  @Test(arguments: [
    ("v2.1-machinestats-count2.json", APIVersion.v2_1),
    ("v1.3-containers-root-num2.json", .v1_3),
  ])
  func `the host's newest sample is taken`(_ file: String, _ version: APIVersion) throws {
    let reply = try ReplyDecoder.host(CapturedReply.reply(file), version)
    #expect(reply.sample == Self.sample(1_795_554_195_439_722_570, 3_800_102_342_308, 0, 0))
  }

  @Test func `quotas and masks come from version 1`() throws {
    let reply = try ReplyDecoder.specs(CapturedReply.reply("v1.3-docker-num0.json"))
    #expect(reply.malformed.isEmpty)
    #expect(reply.specs.count == 5)
    #expect(
      reply.specs[Self.api1]
        == CPUSpec(
          quotaMicroseconds: 10_000, periodMicroseconds: 100_000, mask: "0-1", shares: 1024))
    #expect(reply.specs[Self.idle] == CPUSpec(periodMicroseconds: 100_000, mask: "0", shares: 512))
    let limits = reply.specs.values.compactMap { $0.coreLimit(machineCores: 2) }
    #expect(limits.sorted() == [0.1, 0.25, 1])
    #expect(reply.specs[Self.idle]?.pinnedCPUs(machineCores: 2) == [0])
    #expect(reply.specs[Self.api1]?.pinnedCPUs(machineCores: 2) == nil)
  }

  @Test(arguments: ["v1.3-machine.json", "v2.1-machine.json"])
  func `the machine has its cores and its boot`(_ file: String) throws {
    #expect(
      try ReplyDecoder.machine(CapturedReply.reply(file))
        == MachineInfo(
          cores: 2, bootID: "89abcdef-0123-4567-89ab-cdef01234567",
          machineID: "0123456789abcdef0123456789abcdef",
          systemUUID: "01234567-89ab-cdef-0123-456789abcdef"))
  }

  @Test func `no containers are no failure`() throws {
    let none = try ReplyDecoder.containers(CapturedReply.reply("v2.1-stats-root.json"), .v2_1)
    #expect(none == ContainersReply(containers: []))
    #expect(try ReplyDecoder.host(Reply(body: ByteBuffer(string: "[]")), .v2_1).sample == nil)
  }
}
