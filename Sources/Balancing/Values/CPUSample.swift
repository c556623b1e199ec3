/// One reading of a cumulative CPU counter, with the timestamp that its reader gave it.
package struct CPUSample: Hashable, Codable, Sendable {
  /// When it was read, on the clock of the machine that read it.
  package let timestamp: Timestamp
  /// CPU time used since the counter began, over all cores, in nanoseconds.
  package let cpuNanoseconds: UInt64

  package init(timestamp: Timestamp, cpuNanoseconds: UInt64) {
    self.timestamp = timestamp
    self.cpuNanoseconds = cpuNanoseconds
  }

  /// CPU seconds used since `earlier`; `nil` when the counter went back.
  package func cpuSeconds(since earlier: CPUSample) -> Double? {
    guard cpuNanoseconds >= earlier.cpuNanoseconds else { return nil }
    return Double(cpuNanoseconds - earlier.cpuNanoseconds) / 1e9
  }
}
