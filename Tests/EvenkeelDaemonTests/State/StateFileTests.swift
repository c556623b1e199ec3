import Balancing
import Control
import FoundationEssentials
import HAProxyTestSupport
import TestSupport
import Testing

@testable import EvenkeelDaemon

@Suite struct StateFileTests {
  private static let now = FakeCluster.start

  /// A run of a few ticks, which learns something.
  private static func run() async -> FleetController {
    let cluster = FakeCluster(
      servers: [
        .init("shop-1", quotaCores: 0.2), .init("shop-2", quotaCores: 0.4),
      ], demand: ["lb1": 30])
    var controller = cluster.controller()
    for _ in 0..<4 {
      _ = await controller.tick()
      cluster.advance(by: 10)
    }
    return controller
  }

  private static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test func `what was learned is what is loaded, and no load, sample or rate with it`()
    async throws
  {
    let folder = try TemporaryFolder()
    let file = StateFile.learned(in: folder.path)
    #expect(try file.load(now: Self.now) == nil)
    let learned = await Self.run().learned
    #expect(learned.count == 2)
    try file.save(learned, now: Self.now)
    #expect(try file.load(now: Self.now) == learned)
    let text = try String(contentsOf: URL(filePath: file.path), encoding: .utf8)
    for word in ["samples", "window", "polls", "utilisation", "inFlight", "arrived", "weight"] {
      #expect(!text.contains(word))
    }
    #expect(text.utf8.count < 2_000)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["learned.json"])
  }

  @Test func `all that one pass hands to the next is what is loaded`() async throws {
    let folder = try TemporaryFolder()
    let file = StateFile.once(in: folder.path)
    let (state, samples) = await Self.run().everything
    let once = OnceState(state: state, samples: samples)
    try file.save(once, now: Self.now)
    let loaded = try #require(try file.load(now: Self.now))
    #expect(
      try file.encode(loaded, now: Self.now) == file.encode(once, now: Self.now))
  }

  @Test func `a file torn at any byte is thrown away with a word`() async throws {
    let folder = try TemporaryFolder()
    let file = StateFile.learned(in: folder.path)
    let whole = try file.encode(await Self.run().learned, now: Self.now)
    for length in 0..<whole.count {
      try Self.write(whole.prefix(length), to: file.path)
      #expect(
        throws: StateError.unusable(file.path, reason: "not a state file of evenkeel"),
        "\(length) of \(whole.count) bytes"
      ) { try file.load(now: Self.now) }
    }
  }

  @Test(arguments: [
    "null", "[]", "{}", #"{"version":1}"#, #"{"version":1,"saved_at":0,"learned":{}}"#,
    String(repeating: "[", count: 513),
    // What cannot have been learned would be weights at once.
    foreign(cost: #"{"cpuSeconds":-1,"requests":10,"recent":[]}"#),
    foreign(cost: #"{"cpuSeconds":1e999,"requests":10,"recent":[]}"#),
    foreign(cost: #"{"cpuSeconds":1,"requests":"10","recent":[]}"#),
    foreign(cost: #"{"cpuSeconds":1,"requests":10,"recent":[{"cpuSeconds":-1}]}"#),
    foreign(cost: #"{"cpuSeconds":1,"requests":10,"rate":{"perSecond":-1},"recent":[]}"#),
    foreign(cost: #"{"cpuSeconds":1,"requests":10,"recent":[]}"#, noise: -1),
    foreign(cost: #"{"cpuSeconds":1,"requests":10,"recent":[]}"#, noise: 1e9),
  ])
  func `a foreign file is thrown away with a word`(text: String) throws {
    let folder = try TemporaryFolder()
    let file = StateFile.learned(in: folder.path)
    try Self.write(text.utf8, to: file.path)
    #expect(throws: StateError.unusable(file.path, reason: "not a state file of evenkeel")) {
      try file.load(now: Self.now)
    }
  }

  private static func foreign(cost: String, noise: Double = 1) -> String {
    #"{"version":1,"saved_at":\#(now.nanoseconds),"learned":{"backends":{"shop":"#
      + #"{"noise":{"squared":\#(noise)},"servers":{"a":{"cost":\#(cost)}}}}}}"#
  }

  @Test(arguments: ["9223372036854775807", "-9223372036854775808"])
  func `counts as large as can be are gone on from`(number: String) async throws {
    let folder = try TemporaryFolder()
    let file = StateFile.once(in: folder.path)
    let cluster = FakeCluster(servers: [.init("a", quotaCores: 1), .init("b", quotaCores: 1)])
    var controller = cluster.controller()
    await cluster.run(&controller, ticks: 2)
    cluster.change { $0.balancers["lb1"]?.failure = PortFailure(.timedOut, "late") }
    await cluster.run(&controller, ticks: 2)
    let (state, samples) = await controller.everything
    let once = OnceState(state: state, samples: samples)
    let text = String(decoding: try file.encode(once, now: Self.now), as: UTF8.self)
    let counts = #/"(tick|windows|haste|left|silentTicks)":[0-9]+/#
    // Under another name nothing would be changed.
    #expect(
      Set(text.matches(of: counts).map(\.output.1))
        == ["tick", "windows", "haste", "left", "silentTicks"])
    let changed = text.replacing(counts) { "\"\($0.output.1)\":\(number)" }
    let loaded = try file.content(of: Array(changed.utf8))
    var next = cluster.controller(state: loaded.state, samples: loaded.samples)
    for isSilent in [true, false, false, true] {
      let failure = isSilent ? PortFailure(.timedOut, "late") : nil
      cluster.change { $0.balancers["lb1"]?.failure = failure }
      cluster.advance(by: 10)
      _ = await next.tick()
    }
    #expect(cluster.weight("a") == cluster.weight("b"))
  }

  @Test func `a number that can have been learned is taken`() throws {
    let folder = try TemporaryFolder()
    let file = StateFile.learned(in: folder.path)
    let cost = #"{"cpuSeconds":1,"requests":10,"recent":[]}"#
    try Self.write(Self.foreign(cost: cost).utf8, to: file.path)
    #expect(try file.load(now: Self.now)?.count == 1)
  }

  @Test func `a file with all that is kept is read, and is written as it was`() throws {
    let folder = try TemporaryFolder()
    let file = StateFile.learned(in: folder.path)
    let text =
      #"{"learned":{"backends":{"shop":{"neighbours":{"web1":{"exponentials":120.5,"parts":30.5,"#
      + #""seconds":60.5}},"noise":{"squared":1.5},"servers":{"a":{"container":{"host":"web1","#
      + #""id":"a1b2"},"cost":{"cpuSeconds":0.5,"rate":{"perSecond":4.5},"recent":[],"#
      + #""requests":90.5,"seconds":20.5}}}}},"hands":{"shop":{"lb1":{"a":{"secondsLeft":120.5,"#
      + #""weight":44}}}}},"saved_at":\#(Self.now.nanoseconds),"version":1}"#
    try Self.write(text.utf8, to: file.path)
    let learned = try #require(try file.load(now: Self.now))
    #expect(learned.count == 1)
    let hand = WeightLedger.ManualWeight(weight: Weight(clamping: 44), secondsLeft: 120.5)
    #expect(learned.hands == ["shop": ["lb1": ["a": hand]]])
    #expect(String(decoding: try file.encode(learned, now: Self.now), as: UTF8.self) == text)
  }

  @Test func `a file of another version is thrown away with a word`() async throws {
    let folder = try TemporaryFolder()
    let file = StateFile.learned(in: folder.path)
    try Self.write(#"{"version":2,"learned":"otherwise"}"#.utf8, to: file.path)
    #expect(throws: StateError.unusable(file.path, reason: "of version 2")) {
      try file.load(now: Self.now)
    }
  }

  @Test func `a file of yesterday is thrown away with a word`() async throws {
    let folder = try TemporaryFolder()
    let file = StateFile.learned(in: folder.path)
    try file.save(await Self.run().learned, now: Self.now)
    #expect(try file.load(now: Self.now.advanced(bySeconds: 86_400)) != nil)
    #expect(throws: StateError.unusable(file.path, reason: "30 hours old")) {
      try file.load(now: Self.now.advanced(bySeconds: 30 * 3600))
    }
  }

  /// Moments of a machine's clock: right, and before anything has set it.
  private static let (right, unset) = (now, Timestamp(nanoseconds: 40_000_000_000))

  @Test(arguments: [
    // Kept under one clock, used under another, with another start of the machine in between.
    (right, unset), (unset, right), (unset, unset), (right, right.advanced(bySeconds: -3600)),
    (right.advanced(bySeconds: 3e8), right),
  ])
  func `where a clock was not set, or set back, no file is too old, and none of the future`(
    saved: Timestamp, now: Timestamp
  ) async throws {
    let folder = try TemporaryFolder()
    let file = StateFile.learned(in: folder.path)
    let learned = await Self.run().learned
    try file.save(learned, now: saved, boot: BootTime(id: "a", seconds: 5_000))
    #expect(try file.load(now: now, boot: BootTime(id: "b", seconds: 30)) == learned)
    #expect(try file.load(now: now, boot: nil) == learned)
  }

  @Test(arguments: [right, unset, right.advanced(bySeconds: 1e9), right.advanced(bySeconds: -1e8)])
  func `since the same start of the machine its age is known, whatever the clock was set to`(
    now: Timestamp
  ) async throws {
    let folder = try TemporaryFolder()
    let file = StateFile.learned(in: folder.path)
    let learned = await Self.run().learned
    for saved in [Self.right, Self.unset] {
      try file.save(learned, now: saved, boot: BootTime(id: "a", seconds: 5_000))
      #expect(try file.load(now: now, boot: BootTime(id: "a", seconds: 5_060)) == learned)
      #expect(throws: StateError.unusable(file.path, reason: "30 hours old")) {
        try file.load(now: now, boot: BootTime(id: "a", seconds: 5_000 + 30 * 3600))
      }
    }
  }

  @Test func `the kernel tells since when the machine runs`() throws {
    let (first, second) = (try #require(BootTime.now), try #require(BootTime.now))
    let seconds = try #require(second.seconds(since: first))
    #expect((0...60).contains(seconds) && first.seconds > 0)
    #expect(first.seconds(since: BootTime(id: "another", seconds: 0)) == nil)
  }

  @Test func `a later pass goes on with the clock of the one before, whatever was set meanwhile`() {
    let mark = ClockMark(steady: Self.unset, boot: BootTime(id: "a", seconds: 100))
    #expect(
      mark.goingOn(at: BootTime(id: "a", seconds: 160)) == Self.unset.advanced(bySeconds: 60))
    #expect(mark.goingOn(at: BootTime(id: "b", seconds: 160)) == nil)
    #expect(mark.goingOn(at: nil) == nil)
  }

  @Test func `two passes at a time exclude each other`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/once.lock"
    let first = try RunLock(path: path)
    #expect(throws: StateError.busy(path)) { _ = try RunLock(path: path) }
    first.release()
    _ = try RunLock(path: path)
  }

  @Test(arguments: [
    ("/x", ["STATE_DIRECTORY": "/y"], "/x"),
    (nil, ["STATE_DIRECTORY": "/var/lib/evenkeel"], "/var/lib/evenkeel"),
    (nil, ["STATE_DIRECTORY": "/a:/b"], "/a"),
  ])
  func `the state directory is the one asked for, else systemd's`(
    option: String?, environment: [String: String], expected: String
  ) {
    #expect(StateDirectory.resolve(option: option, environment: environment) == expected)
  }
}
