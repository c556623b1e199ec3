import Balancing
import Control
import Testing

/// What evenkeel does when something fails, shown against a real HAProxy. Most of these tests stop
/// or break processes, so they run one after the other.
@Suite(.serialized, .timeLimit(.minutes(2))) enum FailurePolicy {
  /// CPU use that calls for other weights than equal ones.
  static let uneven = ["a": 0.8, "b": 0.2]
  /// CPU use that calls for none.
  static let level = ["a": 0.5, "b": 0.5]
  /// What `RealHAProxy.sections` gives to `a` and `b`.
  static let initial = ["a": 100, "b": 100]
}

extension TickReport {
  /// The events without the weights that changed.
  var news: [ControlEvent] {
    events.filter { if case .weightChanged = $0 { false } else { true } }
  }

  /// The servers whose weights were changed, on all balancers.
  var changed: Set<ServerName> {
    Set(
      events.compactMap { event in
        if case .weightChanged(let change) = event { change.server } else { nil }
      })
  }

  func status(of server: ServerName, in backend: BackendName = "web") -> ServerStatus? {
    snapshot.backends.first { $0.name == backend }?.servers.first { $0.name == server }
  }
}
