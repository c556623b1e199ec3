package import Balancing
package import Control

/// What somebody wants left alone, kept for the next run; on the wall clock.
package struct KeptBrake: Codable, Equatable, Sendable {
  package struct Pause: Codable, Equatable, Sendable {
    package var backend: String?
    package var server: String?
    package var since: Timestamp
    package var until: Timestamp?
    package var by: String
    package var restored: Bool
  }

  package var savedAt: Timestamp
  package var pauses: [Pause]

  /// - Parameters:
  ///   - steady: this moment on the clock that the pauses are on.
  ///   - wall: the same on the wall clock.
  package init(_ brake: Brake, steady: Timestamp, wall: Timestamp) {
    let ahead = wall.seconds(since: steady)
    savedAt = wall
    pauses = brake.pauses.map { scope, pause in
      Pause(
        backend: scope.backend?.text, server: scope.server?.text,
        since: pause.since.advanced(bySeconds: ahead),
        until: pause.until?.advanced(bySeconds: ahead), by: pause.by, restored: pause.isRestored)
    }.sorted { ($0.backend ?? "", $0.server ?? "") < ($1.backend ?? "", $1.server ?? "") }
  }

  /// What of it still holds.
  ///
  /// A clock that is not set yet, or was set back, makes no pause longer than it was.
  ///
  /// - Parameters:
  ///   - now: on the wall clock.
  ///   - steady: the same moment on the clock that the pauses are to be on.
  package func brake(at now: Timestamp, steady: Timestamp) -> Brake {
    var brake = Brake()
    for pause in pauses {
      var until: Timestamp?
      if let end = pause.until {
        let left = min(end.seconds(since: now), end.seconds(since: savedAt))
        guard left > 0 else { continue }
        until = steady.advanced(bySeconds: left)
      }
      let scope: Brake.Scope =
        switch (pause.backend, pause.server) {
        case (let backend?, let server?): .server(BackendName(backend), ServerName(server))
        case (let backend?, nil): .backend(BackendName(backend))
        case (nil, _): .all
        }
      brake.pause(
        scope,
        Brake.Pause(
          since: steady.advanced(bySeconds: -max(0, now.seconds(since: pause.since))), until: until,
          by: pause.by, isRestored: pause.restored))
    }
    return brake
  }
}
