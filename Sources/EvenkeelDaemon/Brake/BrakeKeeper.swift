package import Balancing
package import Control
package import Logging
internal import NIOPosix

/// Keeps on disk what is paused, at once: it is to hold whatever becomes of the daemon.
package struct BrakeKeeper: Sendable {
  private let directory: String
  private let file: StateFile<KeptBrake>
  private let log: EventLog
  private let now: @Sendable () -> Timestamp

  package init(
    directory: String, logger: Logger, now: @escaping @Sendable () -> Timestamp = { .onWallClock }
  ) {
    self.directory = directory
    file = .brake(in: directory)
    log = EventLog(logger)
    self.now = now
  }

  /// What an earlier run was told to leave alone, as far as it still holds.
  ///
  /// - Parameter steady: this moment on the clock that it is to be on.
  package func load(steady: Timestamp) -> Brake {
    do {
      return try file.load(now: now())?.brake(at: now(), steady: steady) ?? Brake()
    } catch {
      log.log(.stateUnusable, "\(error); nothing is paused")
      return Brake()
    }
  }

  /// - Returns: why it could not be kept; `nil` when it is.
  func save(_ kept: KeptBrake) async -> String? {
    do {
      // A disk may hang, which must hold up none of the loop's threads.
      return try await NIOThreadPool.singleton.runIfActive {
        do {
          try StateDirectory.make(directory)
          try file.save(kept, now: now())
          return nil
        } catch {
          return "\(error)"
        }
      }
    } catch {
      return "\(error)"
    }
  }
}
