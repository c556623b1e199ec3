/// What one HAProxy process said at one time.
public struct RuntimeReading: Hashable, Sendable {
  /// The process that answered.
  public var process: RuntimeProcess
  /// The backends asked for, by name. One that HAProxy does not know, or has disabled, is absent.
  public var backends: [String: RuntimeBackend]

  /// Describes a reading.
  public init(process: RuntimeProcess, backends: [String: RuntimeBackend]) {
    self.process = process
    self.backends = backends
  }
}
