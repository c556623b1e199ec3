import Balancing
import Control
import EvenkeelDaemon
import FoundationEssentials
import HAProxyTestSupport
import TestSupport
import Testing

@Suite struct StateFileTests {
  /// What a real run learns within a few ticks.
  private static func learned() async -> StateFile.Learned {
    let cluster = FakeCluster(
      servers: [
        .init("shop-1", quotaCores: 0.2), .init("shop-2", quotaCores: 0.4),
      ], demand: ["lb1": 30])
    var controller = cluster.controller()
    for _ in 0..<4 {
      _ = await controller.tick()
      cluster.advance(by: 10)
    }
    let (state, samples) = await controller.learned
    return StateFile.Learned(state: state, samples: samples)
  }

  @Test func `what was saved is what is loaded`() async throws {
    let folder = try TemporaryFolder()
    let file = StateFile(directory: folder.path)
    #expect(try file.load() == nil)
    let learned = await Self.learned()
    try file.save(learned)
    let loaded = try #require(try file.load())
    #expect(loaded.state.tick == learned.state.tick)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(try encoder.encode(loaded) == encoder.encode(learned))
  }

  @Test func `a file torn anywhere is thrown away with a word`() async throws {
    let folder = try TemporaryFolder()
    let file = StateFile(directory: folder.path)
    try file.save(await Self.learned())
    let whole = try Data(contentsOf: URL(filePath: file.path))
    for length in stride(from: 0, to: whole.count - 1, by: 97) {
      try whole.prefix(length).write(to: URL(filePath: file.path))
      #expect(throws: StateError.unusable(file.path, reason: "not a state file of evenkeel")) {
        try file.load()
      }
    }
  }

  @Test func `a file of another version is thrown away with a word`() async throws {
    let folder = try TemporaryFolder()
    let file = StateFile(directory: folder.path)
    try file.save(await Self.learned())
    let text = try String(contentsOf: URL(filePath: file.path), encoding: .utf8)
    try text.replacing("\"version\":1", with: "\"version\":2")
      .write(to: URL(filePath: file.path), atomically: false, encoding: .utf8)
    #expect(throws: StateError.unusable(file.path, reason: "of version 2")) { try file.load() }
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
