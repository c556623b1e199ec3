import NIOCore
import Testing

@testable import CAdvisor

/// Replies as they should not be.
struct MalformedReplyTests {
  private static func reply(_ json: String) -> Reply { Reply(body: ByteBuffer(string: json)) }

  private static func good(_ total: String = "1", time: String = "1970-01-01T00:00:01Z") -> String {
    #"{"stats":[{"timestamp":"\#(time)","cpu":{"usage":{"total":\#(total)}}}]}"#
  }

  static let broken: [(container: String, problem: String)] = [
    (good("-1"), "stats[0].cpu.usage.total: "),
    (good("18446744073709551616"), "stats[0].cpu.usage.total: "),
    (good("1e300"), "stats[0].cpu.usage.total: "),
    (good("1.5"), "stats[0].cpu.usage.total: "),
    (good("\"1\""), "stats[0].cpu.usage.total: "),
    (good(time: "yesterday"), "stats[0].timestamp: no usable RFC 3339 time: yesterday"),
    (good(time: "0001-01-01T00:00:00Z"), "stats[0].timestamp: no usable RFC 3339 time: 0001-"),
    (#"{"stats":[{"cpu":{"usage":{"total":1}}}]}"#, "stats[0].timestamp: is missing"),
    (#"{"stats":{}}"#, "stats: "),
    (#"{"aliases":"web"}"#, "aliases: "),
    (#"{"spec":{"labels":{"a":1}}}"#, "spec.labels.a: "),
    ("[]", "Expected to decode"),
    ("7", "Expected to decode"),
  ]

  /// At 513 brackets JSONDecoder gives up, and of Swift 6.3's that is the end of the program where
  /// the reply ends as well.
  @Test(arguments: [1, 511, 512, 513, 514])
  func `a reply that breaks off as deep as can be is refused`(depth: Int) {
    for beginning in ["", #"{"/docker/a":"#] {
      let brackets = String(repeating: "[", count: depth - (beginning.isEmpty ? 0 : 1))
      #expect(throws: MalformedReply.self) {
        try ReplyDecoder.containers(Self.reply(beginning + brackets), .v2_1)
      }
      #expect(throws: MalformedReply.self) {
        try ReplyDecoder.host(Self.reply(beginning + brackets), .v1_3)
      }
    }
  }

  @Test(arguments: [512, 513, 514])
  func `one in UTF-16 is refused as well`(depth: Int) {
    let brackets = Array(repeating: [UInt8(ascii: "["), 0], count: depth).joined()
    let reply = Reply(body: ByteBuffer(bytes: brackets))
    #expect(throws: MalformedReply.self) { try ReplyDecoder.containers(reply, .v2_1) }
    #expect(throws: MalformedReply.self) { try ReplyDecoder.host(reply, .v1_3) }
    #expect(throws: MalformedReply.self) { try ReplyDecoder.host(reply, .v2_1) }
    #expect(throws: MalformedReply.self) { try ReplyDecoder.machine(reply) }
  }

  @Test(arguments: broken)
  func `one broken container leaves the others alone and says where it broke`(
    _ broken: (container: String, problem: String)
  ) throws {
    let reply = try ReplyDecoder.containers(
      Self.reply(#"{"/docker/good":\#(Self.good()),"/docker/bad":\#(broken.container)}"#), .v2_1)
    #expect(reply.containers.map(\.id) == ["/docker/good"])
    let problem = try #require(reply.malformed["/docker/bad"])
    #expect(problem.hasPrefix(broken.problem), "\(problem)")
    #expect(reply.malformed.count == 1)
  }

  @Test func `a raw cgroup has nothing but its path`() throws {
    let reply = try ReplyDecoder.containers(
      Self.reply(
        #"{"/docker/a":{"spec":{"has_cpu":true,"cpu":{"limit":1024}}},"/docker/b":{}}"#), .v2_1)
    #expect(
      reply.containers == [ContainerInfo(id: "/docker/a"), ContainerInfo(id: "/docker/b")])
    #expect(reply.containers.allSatisfy { $0.isRawCgroup })
  }

  @Test func `samples out of order are put in order`() throws {
    let samples = [3, 1, 2].map {
      #"{"timestamp":"1970-01-01T00:00:00.00000000\#($0)Z","cpu":{"usage":{"total":\#($0)}}}"#
    }
    let list = "[\(samples.joined(separator: ","))]"
    let containers = try ReplyDecoder.containers(
      Self.reply(#"{"/a":{"stats":\#(list)}}"#), .v2_1)
    #expect(containers.containers.first?.samples.map(\.timestampNanoseconds) == [1, 2, 3])
    let host = try ReplyDecoder.host(Self.reply(list), .v2_1)
    #expect(host.sample == Sample(timestampNanoseconds: 3, cpuTotalNanoseconds: 3))
  }

  @Test func `counters reach up to 64 bits`() throws {
    let reply = try ReplyDecoder.containers(
      Self.reply(
        #"{"/a":\#(Self.good("18446744073709551615")),"/b":\#(Self.good("9223372036854775808"))}"#),
      .v2_1)
    #expect(
      reply.containers.compactMap { $0.samples.first?.cpuTotalNanoseconds } == [
        .max, 9_223_372_036_854_775_808,
      ])
  }

  @Test func `a sample without CPU is no sample, and throttling may be unknown`() throws {
    let reply = try ReplyDecoder.containers(
      Self.reply(#"{"/a":{"stats":[{"timestamp":"1970-01-01T00:00:01Z"}]},"/b":\#(Self.good())}"#),
      .v2_1)
    #expect(reply.malformed.isEmpty)
    #expect(
      reply.containers.map(\.samples) == [
        [], [Sample(timestampNanoseconds: 1_000_000_000, cpuTotalNanoseconds: 1)],
      ])
  }

  static let specs: [(spec: String, problem: String?)] = [
    (#"{"has_cpu":false}"#, "spec.has_cpu: "),
    (#"{"has_cpu":true,"cpu":{}}"#, nil),
    (#"{"has_cpu":true,"cpu":{"mask":""}}"#, nil),
    (#"{"has_cpu":true}"#, "spec.cpu: is missing"),
    (#"{"has_cpu":true,"cpu":{"mask":"all"}}"#, "spec.cpu: no list of CPUs: all"),
    (#"{"has_cpu":true,"cpu":{"quota":"much"}}"#, "spec.cpu.quota: "),
    (#"{"has_cpu":true,"cpu":{"quota":18446744073709551615}}"#, "spec.cpu.quota: "),
    ("null", "spec: "),
  ]

  @Test(arguments: specs)
  func `a spec that cannot be read is never taken for no limit`(
    _ spec: (spec: String, problem: String?)
  ) throws {
    let reply = try ReplyDecoder.specs(Self.reply(#"{"/a":{"spec":\#(spec.spec)}}"#))
    if let expected = spec.problem {
      let problem = try #require(reply.malformed["/a"])
      #expect(problem.hasPrefix(expected), "\(problem)")
      #expect(reply.specs.isEmpty)
    } else {
      #expect(reply.specs["/a"]?.coreLimit(machineCores: 1) == nil)
      #expect(reply.specs["/a"] != nil)
    }
  }

  @Test(arguments: [
    "", " ", "null", "[]", "7", "\"x\"", "{", "{\"/a\":}", #"{"error":"not found"}"#,
    "<html><body>502 Bad Gateway</body></html>", "{\"/a\":{}}x", "\u{0}", "ok",
  ])
  func `what is no map of containers fails as a whole`(_ body: String) {
    #expect(throws: MalformedReply.self) {
      try ReplyDecoder.containers(Self.reply(body), .v2_1)
    }
    #expect(throws: MalformedReply.self) { try ReplyDecoder.specs(Self.reply(body)) }
  }

  @Test(arguments: ["{}", #"{"status":"ok"}"#, "[]"])
  func `what tells nothing of a machine is none`(_ body: String) {
    let error = #expect(throws: MalformedReply.self) {
      try ReplyDecoder.machine(Self.reply(body))
    }
    #expect(error?.detail.hasPrefix(body == "[]" ? "Expected" : "num_cores: ") == true)
  }

  @Test func `a nesting without end is refused`() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: MalformedReply.self) {
      try ReplyDecoder.containers(Self.reply(#"{"/a":\#(deep)"#), .v2_1)
    }
  }

  @Test func `a reply that was cut anywhere is refused`() throws {
    let whole = try CapturedReply.body("v1.3-docker-num0.json")
    for length in stride(from: 0, to: whole.readableBytes, by: 7) {
      let cut = try #require(whole.getSlice(at: whole.readerIndex, length: length))
      #expect(throws: MalformedReply.self, "cut at \(length)") {
        try ReplyDecoder.specs(Reply(body: cut))
      }
    }
  }

  @Test(arguments: 0..<8)
  func `flipped bytes break what they touch and nothing else`(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let whole = try CapturedReply.body("v2.1-stats-docker-count1.json")
    for _ in 0..<40 {
      var damaged = whole
      let at = Int(random.next() % UInt64(whole.readableBytes))
      damaged.setInteger(UInt8(truncatingIfNeeded: random.next()), at: at)
      guard let reply = try? ReplyDecoder.containers(Reply(body: damaged), .v2_1) else { continue }
      #expect(
        reply.containers.count + reply.malformed.count == 5, "seed \(seed), byte \(at)")
      #expect(reply.malformed.count <= 1, "seed \(seed), byte \(at)")
    }
  }
}

/// A generator whose seed tells a failure again.
private struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
