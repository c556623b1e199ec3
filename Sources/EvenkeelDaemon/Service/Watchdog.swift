internal import ServiceLifecycle
package import Systemd

/// Tells systemd's watchdog that the loop makes progress, and nothing when it does not.
package struct Watchdog: Service {
  private let interval: Duration
  private let progress: LoopProgress
  private let notifier: ServiceNotifier
  private let clock: any Clock<Duration>

  /// - Parameter interval: between two signs of life.
  package init(
    interval: Duration, progress: LoopProgress, notifier: ServiceNotifier,
    clock: any Clock<Duration> = ContinuousClock()
  ) {
    self.clock = clock
    self.interval = interval
    self.progress = progress
    self.notifier = notifier
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        if progress.isKept { notifier.watchdog() }
        try? await clock.sleep(for: interval)
      }
    }
  }
}
