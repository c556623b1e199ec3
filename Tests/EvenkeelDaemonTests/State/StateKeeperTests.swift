import Balancing
import Control
import FoundationEssentials
import Glibc
import HAProxyTestSupport
import Logging
import ServiceLifecycle
import Subprocess
import TestSupport
import Testing

@testable import EvenkeelDaemon

/// What becomes of the state while the daemon runs.
@Suite struct StateKeeperTests {
  private static let now = FakeCluster.start

  /// What was learned of one server, from so many requests.
  private static func learned(_ requests: Int) throws -> LearnedFleet {
    let text =
      #"{"backends":{"shop":{"noise":{"squared":1},"servers":{"a":{"cost":"#
      + #"{"cpuSeconds":1,"requests":\#(requests),"recent":[]}}}}}}"#
    return try JSONDecoder().decode(LearnedFleet.self, from: Data(text.utf8))
  }

  /// Runs a keeper until the body is done, and ends it as SIGTERM would.
  private static func withKeeper(
    in directory: String, log: CollectedLog,
    _ body: (StateKeeper, ManualClock) async throws -> Void
  ) async throws {
    let clock = ManualClock()
    let keeper = StateKeeper(
      directory: directory, logger: log.logger, clock: clock, now: { Self.now },
      boot: { nil })
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: keeper)],
        logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      try await body(keeper, clock)
      await group.triggerGracefulShutdown()
      try await tasks.next()
    }
  }

  /// Lets a minute pass, and waits until what is due then was done.
  private static func passMinute(_ clock: ManualClock) async {
    await clock.waitForSleepers(1)
    clock.advance(by: .seconds(60))
    await clock.waitForSleepers(1)
  }

  @Test func `it writes once a minute, and a last time at the end`() async throws {
    let folder = try TemporaryFolder()
    let directory = "\(folder.path)/not/there/yet"
    let file = StateFile.learned(in: directory)
    try await Self.withKeeper(in: directory, log: CollectedLog()) { keeper, clock in
      await Self.passMinute(clock)
      #expect(try file.load(now: Self.now) == nil)
      keeper.take(try Self.learned(10))
      await clock.waitForSleepers(1)
      clock.advance(by: .seconds(59))
      #expect(try file.load(now: Self.now) == nil)
      clock.advance(by: .seconds(1))
      await clock.waitForSleepers(1)
      #expect(try file.load(now: Self.now) == Self.learned(10))
      keeper.take(try Self.learned(20))
    }
    #expect(try file.load(now: Self.now) == Self.learned(20))
  }

  @Test func `what cannot be read is told, and everything is learned anew`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("{", to: "learned.json")
    let log = CollectedLog()
    let keeper = StateKeeper(directory: folder.path, logger: log.logger, now: { Self.now })
    #expect(keeper.load().count == 0)
    #expect(log.all.map(\.message) == [JournalEvent.stateUnusable.message])
    #expect(log.all.first?.text.hasSuffix("not a state file of evenkeel; starting afresh") == true)
  }

  @Test func `where no directory can be made it goes on, and says so once`() async throws {
    let folder = try TemporaryFolder()
    let obstacle = try folder.write("a file", to: "obstacle")
    let log = CollectedLog()
    try await Self.withKeeper(in: "\(obstacle)/state", log: log) { keeper, clock in
      for requests in 1...3 {
        keeper.take(try Self.learned(requests))
        await Self.passMinute(clock)
      }
    }
    #expect(log.all.map(\.message) == [JournalEvent.stateNotKept.message])
  }

  @Test(.enabled(if: geteuid() == 0, "mounting takes root"))
  func `on a full disk it goes on, says so once, and keeps the last good file`() async throws {
    let folder = try TemporaryFolder()
    guard
      try await Self.succeeds("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder.path)
    else {
      // A container's root may not mount.
      return
    }
    let log = CollectedLog()
    let outcome: Result<Void, any Error>
    do {
      try await Self.withKeeper(in: folder.path, log: log) { keeper, clock in
        let file = StateFile.learned(in: folder.path)
        keeper.take(try Self.learned(10))
        await Self.passMinute(clock)
        #expect(log.all.isEmpty)
        #expect(try await !Self.succeeds("sh", "-c", "cat /dev/zero >\(folder.path)/filler"))
        for requests in 11...13 {
          keeper.take(try Self.learned(requests))
          await Self.passMinute(clock)
        }
        #expect(log.all.map(\.message) == [JournalEvent.stateNotKept.message])
        #expect(log.all.first?.text.contains("No space left on device") == true)
        #expect(try file.load(now: Self.now) == Self.learned(10))
        try FileManager.default.removeItem(atPath: "\(folder.path)/filler")
        await Self.passMinute(clock)
        #expect(log.all.last?.message == JournalEvent.stateKept.message)
        #expect(try file.load(now: Self.now) == Self.learned(13))
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["learned.json"])
      }
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    #expect(try await Self.succeeds("umount", folder.path))
    try outcome.get()
  }

  private static func succeeds(_ program: String, _ arguments: String...) async throws -> Bool {
    try await Subprocess.run(
      .name(program), arguments: Arguments(arguments), output: .discarded, error: .discarded
    ).terminationStatus.isSuccess
  }
}
