internal import ServiceLifecycle
internal import UnixSignals

/// Turns each SIGHUP into the wish for a reload.
package struct HangupListener: Service {
  private let requests: ReloadRequests

  package init(requests: ReloadRequests) { self.requests = requests }

  package func run() async throws {
    let hangups = await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown()
    for await _ in hangups { requests.raise() }
  }
}
