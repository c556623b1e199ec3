import Balancing
import CheckedJSON
import Control
import EvenkeelDaemon
import FoundationEssentials
import HAProxyTestSupport
import Logging
import ServiceLifecycle
import Synchronization
import Systemd
import TestSupport
import Testing

/// The loop as a service, with peers that never answer: the worst case for all its promises.
@Suite struct DaemonTests {
  /// What was told to systemd, in order; waits for what is to come.
  private final class Told: Sendable {
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let messages = Mutex<[String]>([])

    init() { (stream, continuation) = AsyncStream.makeStream(of: String.self) }

    var notifier: ServiceNotifier {
      ServiceNotifier(send: { message in
        self.messages.withLock { $0.append(message) }
        self.continuation.yield(message)
      })
    }

    var all: [String] { messages.withLock { $0 } }

    /// Consumes messages up to the first that begins so.
    func wait(for prefix: String) async {
      for await message in stream where message.hasPrefix(prefix) { return }
    }
  }

  private static func configuration(_ peer: SilentPeer, interval: String = "1s", more: String = "")
    -> String
  {
    """
    {"interval": "\(interval)", "cadvisors": ["http://127.0.0.1:\(peer.port)"],
     "balancers": [{"name": "lb1", "address": "unix:\(peer.socket)"}],
     "backends": [{"name": "shop", "pattern": "shop-.*"}]\(more)}
    """
  }

  /// Runs a daemon until the body has seen enough, and ends it as SIGTERM would.
  private static func withDaemon(
    _ file: String, told: Told, log: CollectedLog, reloads: ReloadRequests = ReloadRequests(),
    keeper: StateKeeper? = nil, brakes: BrakeKeeper? = nil,
    progress: LoopProgress = LoopProgress(),
    watchdog: (interval: Duration, clock: ManualClock)? = nil,
    board: StatusBoard? = nil, steadyClock: SteadyClock = SteadyClock(),
    clock: some Clock<Duration> = ContinuousClock(),
    body: @escaping @Sendable () async throws -> Void
  ) async throws {
    let daemon = Daemon(
      configurationPath: file, environment: [:], logger: log.logger,
      steadyClock: steadyClock, notifier: told.notifier, progress: progress, reloads: reloads,
      keeper: keeper, brakes: brakes, board: board, clock: clock)
    let pings = watchdog.map {
      Watchdog(
        interval: $0.interval, progress: progress, notifier: told.notifier, clock: $0.clock)
    }
    var quiet = Logger(label: "group")
    quiet.logLevel = .critical
    let group = ServiceGroup(
      configuration: .init(
        services: (keeper.map { [.init(service: $0)] } ?? []) + [.init(service: daemon)]
          + (pings.map { [.init(service: $0)] } ?? []), logger: quiet))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      try await body()
      await group.triggerGracefulShutdown()
      try await tasks.next()
    }
  }

  /// Starts a daemon, gives it another configuration once it is ready, and waits until it is done.
  private static func reload(to configuration: @escaping @Sendable (SilentPeer) -> String)
    async throws -> (Told, CollectedLog)
  {
    let folder = try TemporaryFolder()
    let peer = try await SilentPeer(folder: folder)
    let file = try folder.write(Self.configuration(peer), to: "config.json")
    let (told, log, reloads) = (Told(), CollectedLog(), ReloadRequests())
    try await withDaemon(file, told: told, log: log, reloads: reloads) {
      await told.wait(for: "READY=1")
      _ = try folder.write(configuration(peer), to: "config.json")
      reloads.raise()
      await told.wait(for: "RELOADING=1")
      await told.wait(for: "READY=1")
    }
    try await peer.close()
    return (told, log)
  }

  @Test func `with nothing reachable it becomes ready all the same, and says so`() async throws {
    let folder = try TemporaryFolder()
    let peer = try await SilentPeer(folder: folder)
    let file = try folder.write(Self.configuration(peer), to: "config.json")
    let (told, log) = (Told(), CollectedLog())
    try await Self.withDaemon(file, told: told, log: log) { await told.wait(for: "READY=1") }
    try await peer.close()
    let ready = try #require(told.all.firstIndex { $0.hasPrefix("READY=1") })
    let status = try #require(told.all[..<ready].last { $0.hasPrefix("STATUS=") })
    #expect(status.hasPrefix("STATUS=CRITICAL: shop NOT steering since "))
    #expect(status.contains(": lb1: no answer within"))
    #expect(status.contains("; http://127.0.0.1:\(peer.port): no answer within"))
    #expect(told.all.last == "STOPPING=1")
  }

  @Test func `the loop and what is shown of it are on one clock, whatever the wall clock shows`()
    async throws
  {
    let folder = try TemporaryFolder()
    let peer = try await SilentPeer(folder: folder)
    let file = try folder.write(Self.configuration(peer), to: "config.json")
    let (told, log) = (Told(), CollectedLog())
    // As if the wall clock had been set back by a day since.
    let clock = SteadyClock(from: Timestamp.onWallClock.advanced(bySeconds: 86_400))
    let board = StatusBoard(configFile: file, progress: LoopProgress(), now: { clock.now })
    try await Self.withDaemon(file, told: told, log: log, board: board, steadyClock: clock) {
      await told.wait(for: "READY=1")
      #expect(board.peerReport.ageSeconds < 3600)
      let report = board.report
      let tickAt = try #require(report.tickAt)
      #expect(report.now.seconds(since: tickAt) < 3600)
    }
    try await peer.close()
  }

  @Test func `a pause of an earlier run goes on, whatever the wall clock shows`() async throws {
    let folder = try TemporaryFolder()
    let peer = try await SilentPeer(folder: folder)
    let file = try folder.write(Self.configuration(peer), to: "config.json")
    let (told, log) = (Told(), CollectedLog())
    let now = Timestamp.onWallClock
    var brake = Brake()
    brake.pause(
      .backend("shop"),
      Brake.Pause(since: now, until: now.advanced(bySeconds: 1800), by: "anna"))
    try StateFile.brake(in: folder.path).save(KeptBrake(brake, steady: now, wall: now), now: now)
    // As if the wall clock had been set back by a day since.
    let clock = SteadyClock(from: now.advanced(bySeconds: 86_400))
    let board = StatusBoard(configFile: file, progress: LoopProgress(), now: { clock.now })
    let brakes = BrakeKeeper(directory: folder.path, logger: log.logger)
    try await Self.withDaemon(
      file, told: told, log: log, brakes: brakes, board: board, steadyClock: clock
    ) {
      await told.wait(for: "READY=1")
      let pause = try #require(board.report.backends.first { $0.name == "shop" }?.pause)
      let until = try #require(pause.until)
      #expect((1700...1900).contains(until.timestamp.seconds(since: .onWallClock)))
      #expect((-100...100).contains(pause.since.timestamp.seconds(since: now)))
    }
    try await peer.close()
  }

  @Test(.timeLimit(.minutes(1)))
  func `it ends at once while every peer hangs, without waiting for a deadline`() async throws {
    let folder = try TemporaryFolder()
    let peer = try await SilentPeer(folder: folder)
    let file = try folder.write(Self.configuration(peer), to: "config.json")
    let (told, log) = (Told(), CollectedLog())
    // Its time stands still, so that no deadline ever comes.
    let clock = ManualClock()
    try await Self.withDaemon(file, told: told, log: log, clock: clock) {
      await clock.waitForSleepers(2)
    }
    try await peer.close()
    #expect(told.all == ["STOPPING=1"])
  }

  @Test(.timeLimit(.minutes(1)))
  func `weights are given back where all is cancelled too, and it is told where that fails`()
    async throws
  {
    let folder = try TemporaryFolder()
    let peer = try await SilentPeer(folder: folder)
    let file = try folder.write(
      Self.configuration(peer, more: #", "on_stop": "restore""#), to: "config.json")
    let (told, log) = (Told(), CollectedLog())
    let daemon = Daemon(
      configurationPath: file, environment: [:], logger: log.logger, steadyClock: SteadyClock(),
      notifier: told.notifier)
    // As a group does whose graceful shutdown takes too long.
    let running = Task { try await daemon.run() }
    await told.wait(for: "READY=1")
    running.cancel()
    try await running.value
    try await peer.close()
    let end = log.all.drop { $0.message != JournalEvent.stopping.message }.dropFirst()
    #expect(end.map(\.message) == ["HAProxy cannot be read or written"])
    // It was asked, and given its time.
    #expect(end.first?.text.contains("lb1: no answer within") == true)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a loop that hangs gives no sign of life once its promise has passed`() async throws {
    let folder = try TemporaryFolder()
    let peer = try await SilentPeer(folder: folder)
    let file = try folder.write(Self.configuration(peer), to: "config.json")
    let (told, log) = (Told(), CollectedLog())
    // The loop waits for a moment that never comes; the watchdog has a time of its own.
    let (clock, life, interval) = (ManualClock(), ManualClock(), Duration.milliseconds(20))
    let progress = LoopProgress(clock: life)
    /// Lets the watchdog look once more, and tells how often it has given a sign.
    @Sendable func signs() async -> Int {
      life.advance(by: interval)
      await life.waitForSleepers(1)
      return told.all.count { $0.hasPrefix("WATCHDOG=1") }
    }
    try await Self.withDaemon(
      file, told: told, log: log, progress: progress, watchdog: (interval, life), clock: clock
    ) {
      await clock.waitForSleepers(2)
      await life.waitForSleepers(1)
      #expect(progress.isKept)
      _ = await signs()
      await told.wait(for: "WATCHDOG=1")
      while progress.isKept { _ = await signs() }
      let before = told.all.count { $0.hasPrefix("WATCHDOG=1") }
      for _ in 0..<25 { #expect(await signs() == before) }
      #expect(before > 10)
      // The way on: it lives again as soon as the loop does.
      progress.promise(within: .seconds(60))
      #expect(await signs() == before + 1)
    }
    try await peer.close()
  }

  @Test func `it goes on from what was learned, and hands on what it knows at the end`()
    async throws
  {
    let folder = try TemporaryFolder()
    let peer = try await SilentPeer(folder: folder)
    let file = try folder.write(Self.configuration(peer), to: "config.json")
    let text =
      #"{"version":1,"saved_at":\#(Timestamp.onWallClock.nanoseconds),"learned":{"backends":"#
      + #"{"shop":{"noise":{"squared":1},"servers":{"a":{"cost":{"cpuSeconds":1,"#
      + #""requests":90,"recent":[]}}}}}}}"#
    let state = try folder.write(text, to: "learned.json")
    let (told, log) = (Told(), CollectedLog())
    let keeper = StateKeeper(directory: folder.path, logger: log.logger)
    let learned = keeper.load()
    #expect(learned.count == 1)
    try await Self.withDaemon(file, told: told, log: log, keeper: keeper) {
      await told.wait(for: "READY=1")
      try FileManager.default.removeItem(atPath: state)
    }
    try await peer.close()
    #expect(log.all.contains { $0.message == JournalEvent.stateUsed.message })
    #expect(try StateFile.learned(in: folder.path).load(now: .onWallClock) == learned)
  }

  @Test func `a wrong configuration ends it before anything is touched`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(#"{"intervall": "1s"}"#, to: "config.json")
    let (told, log) = (Told(), CollectedLog())
    await #expect(throws: InvalidFile.self) {
      try await Self.withDaemon(file, told: told, log: log) {}
    }
    #expect(told.all.isEmpty)
  }

  @Test func `a good reload is announced, carried out and ended`() async throws {
    let (told, log) = try await Self.reload { Self.configuration($0, interval: "2s") }
    let reloading = try #require(told.all.first { $0.hasPrefix("RELOADING=1") })
    #expect(reloading.contains("MONOTONIC_USEC="))
    #expect(told.all.contains { $0.hasPrefix("STATUS=reloaded:") && $0.contains("every 2s") })
    #expect(log.all.contains { $0.message == JournalEvent.reloaded.message })
  }

  @Test func `a bad reload changes nothing, is reported in full, and ends in READY too`()
    async throws
  {
    let (told, log) = try await Self.reload {
      Self.configuration($0, more: #", "mode": "obey", "speed": 3"#)
    }
    let line = try #require(log.all.first { $0.message == JournalEvent.reloadRefused.message })
    #expect(line.level == .error)
    let refusal = log.all.filter { $0.message == JournalEvent.reloadRefused.message }
    #expect(["mode", "speed"].allSatisfy { key in refusal.contains { $0.text.contains(key) } })
    #expect(told.all.contains { $0.hasPrefix("ERRNO=22") })
    #expect(
      told.all.contains {
        $0.hasPrefix("STATUS=reload refused, the earlier configuration goes on: ")
          && $0.contains("(and 1 more)")
      })
  }
}
