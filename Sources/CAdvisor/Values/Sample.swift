/// One reading of cumulative CPU counters.
public struct Sample: Hashable, Sendable {
  /// When it was read, in nanoseconds since 1970, on the clock of cAdvisor's machine.
  public var timestampNanoseconds: Int64
  /// CPU time used since the counter began, over all cores. Falls when the container restarts.
  public var cpuTotalNanoseconds: UInt64
  /// Scheduler periods in which a CPU quota was in force; stands still without a quota.
  public var periods: UInt64?
  /// Those of them in which the quota ran out.
  public var throttledPeriods: UInt64?
  /// Time in which some task waited for a CPU, in microseconds: the kernel's pressure stall
  /// information, as cAdvisor 0.52 and later tell it.
  public var pressureMicroseconds: UInt64?

  /// A reading of these numbers.
  public init(
    timestampNanoseconds: Int64, cpuTotalNanoseconds: UInt64, periods: UInt64? = nil,
    throttledPeriods: UInt64? = nil, pressureMicroseconds: UInt64? = nil
  ) {
    self.timestampNanoseconds = timestampNanoseconds
    self.cpuTotalNanoseconds = cpuTotalNanoseconds
    self.periods = periods
    self.throttledPeriods = throttledPeriods
    self.pressureMicroseconds = pressureMicroseconds
  }
}
