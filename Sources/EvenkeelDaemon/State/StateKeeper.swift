package import Balancing
package import Control
package import Logging
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// Keeps what the daemon learns on disk: once a minute, and at the end.
///
/// The loop only hands it over, so that no disk ever holds up a tick. Where nothing can be written
/// the daemon goes on, and says so once.
package final class StateKeeper: Service {
  private static let period = Duration.seconds(60)

  private let directory: String
  private let file: StateFile<LearnedFleet>
  private let log: EventLog
  private let clock: any Clock<Duration>
  private let now: @Sendable () -> Timestamp
  private let boot: @Sendable () -> BootTime?
  private let state = Mutex(State())

  private struct State {
    var latest = LearnedFleet()
    var saved = LearnedFleet()
    var outage = Outage()
  }

  /// - Parameters:
  ///   - clock: for the time between two writings.
  ///   - now: the wall clock, for the age of what was kept.
  ///   - boot: the time since the machine's start, for the same.
  package init(
    directory: String, logger: Logger, clock: any Clock<Duration> = ContinuousClock(),
    now: @escaping @Sendable () -> Timestamp = { .onWallClock },
    boot: @escaping @Sendable () -> BootTime? = { .now }
  ) {
    self.directory = directory
    file = .learned(in: directory)
    log = EventLog(logger)
    self.clock = clock
    self.now = now
    self.boot = boot
  }

  /// What an earlier run learned; nothing, and a word in the log, when that cannot be used.
  package func load() -> LearnedFleet {
    do {
      guard let learned = try file.load(now: now(), boot: boot()) else { return LearnedFleet() }
      log.log(
        .stateUsed,
        "what an earlier run learned of \(learned.count) server(s) is used: \(file.path)")
      return learned
    } catch {
      log.log(.stateUnusable, "\(error); starting afresh")
      return LearnedFleet()
    }
  }

  /// Takes what is known now.
  package func take(_ learned: LearnedFleet) { state.withLock { $0.latest = learned } }

  /// Runs until a graceful shutdown or cancellation, and writes a last time.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while true {
        do {
          try await self.clock.sleep(for: Self.period)
          // A disk may hang, which must hold up none of the loop's threads.
          try await NIOThreadPool.singleton.runIfActive { self.save() }
        } catch {
          return
        }
      }
    }
    save()
  }

  private func save() {
    let (latest, saved) = state.withLock { ($0.latest, $0.saved) }
    guard !latest.isEmpty, latest != saved else { return }
    do {
      try StateDirectory.make(directory)
      try file.save(latest, now: now(), boot: boot())
      let isNews = state.withLock { state in
        state.saved = latest
        return state.outage.end()
      }
      if isNews {
        log.log(.stateKept, "what is learned is kept again: \(file.path)")
      }
    } catch {
      if state.withLock({ $0.outage.begin() }) {
        log.log(.stateNotKept, "\(error); what is learned does not outlast this run")
      }
    }
  }
}
