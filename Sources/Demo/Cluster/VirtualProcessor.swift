/// A processor that burns nothing: it works requests off one after the other at the speed that
/// its quota allows, and counts the CPU time that a real one would have used.
///
/// All times are since the demo began, and must not go back from call to call.
struct VirtualProcessor: Sendable {
  /// CPU seconds it may use per second.
  let quotaCores: Double
  /// CPU seconds of all requests accepted so far, finished or not.
  private var acceptedSeconds = 0.0
  /// When everything accepted is worked off.
  private var idleAt = Duration.zero
  private var lastCounted: UInt64 = 0

  init(quotaCores: Double) {
    self.quotaCores = quotaCores
  }

  /// Queues a request behind those accepted before.
  ///
  /// - Returns: when it will be done.
  mutating func accept(costSeconds: Double, at now: Duration) -> Duration {
    acceptedSeconds += costSeconds
    idleAt = max(idleAt, now) + .seconds(costSeconds / quotaCores)
    return idleAt
  }

  /// CPU time used until now, also on a request that is not done; grows with time as a cgroup's
  /// counter does.
  mutating func cpuNanoseconds(at now: Duration) -> UInt64 {
    let remaining = max(0, (idleAt - now) / .seconds(1)) * quotaCores
    let used = ((acceptedSeconds - remaining) * 1e9).rounded()
    // Rounding must not make the counter fall by a nanosecond: that would read as a restart.
    lastCounted = max(lastCounted, UInt64(exactly: max(0, used)) ?? lastCounted)
    return lastCounted
  }
}
