/// How far a server is up, by its checks and its maintenance.
public enum OperationalState: Int, Hashable, Sendable, CaseIterable {
  /// Down, or in maintenance.
  case stopped = 0
  /// Up, with its effective weight still rising (`slowstart`).
  case starting = 1
  /// Up.
  case running = 2
  /// Up, and on its way out.
  case stopping = 3
}
