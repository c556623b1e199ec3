import FoundationEssentials
import NIOCore
import Testing

@testable import CAdvisor

/// What the cursor reads is what JSONDecoder reads.
struct UsualFormTests {
  /// Each reply's entries, by themselves.
  private static func entries(_ file: String) throws -> [[UInt8]] {
    let body = try CapturedReply.body(file)
    var splitter = EntrySplitter(isList: body.readableBytesView.first == UInt8(ascii: "["))
    var entries: [[UInt8]] = []
    try splitter.take(body) { _, value in entries.append(value.array(0..<value.byteCount)) }
    return entries
  }

  private static func quickly<Value: WireValue>(_: Value.Type, _ bytes: [UInt8]) -> Value? {
    unsafe Value(usual: bytes.span.bytes)
  }

  private static func slowly<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
    try? JSONDecoder().decode(type, from: Data(bytes))
  }

  static let containerFiles = [
    "v2.1-stats-docker-count1.json", "v2.1-stats-docker-count2.json",
    "v2.1-stats-docker-lean-count2.json", "v2.1-stats-root.json", "v1.3-docker-num1.json",
    "v1.3-docker-num10.json", "v1.3-docker-lean-num2.json",
  ]

  @Test(arguments: containerFiles)
  func `a captured container has the usual form, and means the same`(_ file: String) throws {
    for entry in try Self.entries(file) {
      let quick = try #require(Self.quickly(ContainerWire.self, entry))
      let slow = try #require(Self.slowly(ContainerWire.self, entry))
      #expect(ContainerInfo(id: "/a", quick) == ContainerInfo(id: "/a", slow))
    }
  }

  @Test func `a captured limit has the usual form, and means the same`() throws {
    for entry in try Self.entries("v1.3-docker-num0.json") {
      let quick = try #require(Self.quickly(LimitsWire.self, entry))
      let slow = try #require(Self.slowly(LimitsWire.self, entry))
      #expect(CPUSpec(quick) == CPUSpec(slow))
    }
  }

  @Test func `a captured cgroup has the usual form where it has limits, and means the same`() throws
  {
    var usual = 0
    for entry in try Self.entries("v1.3-subcontainers-root-num0.json") {
      guard let quick = Self.quickly(CgroupWire.self, entry) else { continue }
      let slow = try #require(Self.slowly(CgroupWire.self, entry))
      var (one, other) = (CgroupsReply(), CgroupsReply())
      one.add(quick)
      other.add(slow)
      #expect(one == other)
      usual += 1
    }
    #expect(usual > 5)
  }

  /// Of cAdvisor 0.60 on cgroup v2; this machine's has none.
  static let pressures: [(json: String, microseconds: UInt64?)] = [
    (#"{"some":{"avg10":0.5,"total":1250},"full":{"total":7}}"#, 1250), (#"{"full":{}}"#, nil),
    (#"{"some":{"total":1.5}}"#, nil), (#"{"some":null}"#, nil), ("[]", nil), ("null", nil),
  ]

  @Test(arguments: pressures)
  func `pressure is read where it is told, and takes nothing else away`(
    _ pressure: (json: String, microseconds: UInt64?)
  ) throws {
    let bytes = Array(
      (#"{"stats":[{"timestamp":"1970-01-01T00:00:01Z","cpu":{"usage":{"total":5},"psi":"#
        + pressure.json + "}}]}").utf8)
    let expected = [
      Sample(
        timestampNanoseconds: 1_000_000_000, cpuTotalNanoseconds: 5,
        pressureMicroseconds: pressure.microseconds)
    ]
    let slow = try #require(Self.slowly(ContainerWire.self, bytes))
    #expect(ContainerInfo(id: "/a", slow).samples == expected)
    if let quick = Self.quickly(ContainerWire.self, bytes) {
      #expect(ContainerInfo(id: "/a", quick).samples == expected)
    }
  }

  /// Texts in which something is more than it looks like.
  static let texts: [(json: String, isUsual: Bool)] = [
    (#"{"aliases":["a\u0026b","\"","\\"],"spec":{"labels":{"x":"{[\"]"}},"stats":[]}"#, true),
    (#" { "aliases" : [ "a" , "b" ] , "other" : [ { } , [ ] , "}" , 1.5e-3 , null ] } "#, true),
    (#"{"spec":{"labels":{"€":"☃"}}}"#, true),
    (#"{"aliases":null}"#, false),
    (#"{"aliases":["a"],"aliases":["b"]}"#, false),
    (#"{"spec":{"labels":{"a":"1","a":"2"}}}"#, false),
    (#"{"al\u0069ases":["a"]}"#, false),
    (#"{"stats":[{"timestamp":"1970-01-01T01:00:01+01:00"}]}"#, false),
    (#"{"stats":[{"timestamp":"1970-01-01T00:00:01Z","cpu":{"usage":{"total":1.0}}}]}"#, false),
    (#"{"stats":[{"timestamp":"1970-01-01T00:00:01Z","cpu":{"usage":{"total":1e3}}}]}"#, false),
    (#"{"stats":[{"timestamp":"1970-01-01T00:00:01Z","cpu":null}]}"#, false),
    (#"{"stats":[{"timestamp":"1970-01-01T00:00:01Z","cpu":{"usage":{"total":01}}}]}"#, false),
    (#"{"aliases":["a"]}x"#, false),
    (#"{"aliases":["a"],}"#, false),
    (#"{"aliases":["a""#, false),
    ("{\"aliases\":[\"a\nb\"]}", false),
  ]

  @Test(arguments: texts)
  func `what has another form is left to JSONDecoder`(_ text: (json: String, isUsual: Bool)) {
    let bytes = Array(text.json.utf8)
    let quick = Self.quickly(ContainerWire.self, bytes).map { ContainerInfo(id: "/a", $0) }
    #expect((quick != nil) == text.isUsual)
    if let quick {
      #expect(quick == Self.slowly(ContainerWire.self, bytes).map { ContainerInfo(id: "/a", $0) })
    }
  }

  @Test func `bytes that are no UTF-8 are no text`() {
    let bytes = Array(#"{"aliases":[""#.utf8) + [0xc3, 0x28] + Array(#""]}"#.utf8)
    #expect(Self.quickly(ContainerWire.self, bytes) == nil)
  }

  /// What JSONDecoder refuses may pass where it is skipped; what it reads is never read otherwise.
  @Test(arguments: 0..<16)
  func `a damaged container is never read as another than JSONDecoder reads`(_ seed: UInt64) throws
  {
    var state = seed &+ 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let pieces: [[UInt8]] = [
      "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "-", "0", "\\u0026", " ", "\u{e9}",
    ].map { Array($0.utf8) }
    var same = 0
    for entry in try Self.entries("v2.1-stats-docker-count1.json") {
      for _ in 0..<60 {
        var damaged = entry
        // Mostly where there is what is read.
        let at = random(random(2) == 0 ? entry.count : 900)
        damaged.replaceSubrange(
          at..<min(at + random(2), damaged.count), with: pieces[random(pieces.count)])
        guard let slow = Self.slowly(ContainerWire.self, damaged),
          let quick = Self.quickly(ContainerWire.self, damaged)
        else { continue }
        #expect(
          ContainerInfo(id: "/a", quick) == ContainerInfo(id: "/a", slow),
          "seed \(seed), byte \(at)")
        same += 1
      }
    }
    #expect(same > 10)
  }

  @Test(arguments: [1, 5, 63, 64, 65, 200])
  func `where something ends does not depend on where its parts are cut`(_ length: Int) throws {
    let escapes =
      #"{"a":"\\\"}","b":["\\",{"c":"]\\\\"}],"d":""#
      + String(repeating: #"\\\"{"#, count: 70) + #""}"#
    let bytes = Array((escapes + "rest").utf8)
    var scan = NestingScan()
    var end: Int?
    for start in stride(from: 0, to: bytes.count, by: length) where end == nil {
      let part = Array(bytes[start..<min(start + length, bytes.count)])
      end = unsafe scan.end(in: part.span.bytes, from: 0).map { start + $0 }
    }
    #expect(end == escapes.utf8.count)
  }
}
