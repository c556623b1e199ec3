internal import Balancing
internal import Control
internal import DequeModule
internal import Logging

/// The last things that were said of the fleet, newest first; weights that were written are kept with
/// their backend.
struct EventTrail: Sendable {
  static let most = 50

  private var events: Deque<(event: ControlEvent, at: Timestamp)> = []

  mutating func add(_ event: ControlEvent, at moment: Timestamp) {
    if case .weightChanged = event { return }
    events.prepend((event, moment))
    if events.count > Self.most { events.removeLast() }
  }

  func shown(_ wall: WallTime) -> [StatusReport.Event] {
    events.map { event, at in
      let line = LogLine(event)
      return StatusReport.Event(
        at: wall.moment(at), kind: line.event.name, level: line.level.rawValue,
        backend: line.fields["evenkeel_backend"], server: line.fields["evenkeel_server"],
        text: line.text)
    }
  }
}
