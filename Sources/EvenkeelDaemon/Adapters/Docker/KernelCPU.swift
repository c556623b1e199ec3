internal import Balancing

/// This machine's CPU use, as its kernel counts it (proc(5), `/proc/stat`).
struct KernelCPU: Equatable, Sendable {
  var cores: Int
  var sample: CPUSample

  /// Clock ticks a second, as all Linux has them for user space.
  private static let ticksPerSecond: UInt64 = 100
  private static let largest = 1 << 20

  /// - Parameter now: stands for the time of reading, which the kernel does not tell.
  static func read(at now: Timestamp) -> KernelCPU? {
    (try? RegularFile.read("/proc/stat", limit: largest)).flatMap { KernelCPU($0, at: now) }
  }

  /// - Returns: `nil` where the text is not the kernel's.
  init?(_ bytes: [UInt8], at now: Timestamp) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let cores = lines.count { line in
      line.hasPrefix("cpu") && line.dropFirst(3).first?.isNumber == true
    }
    guard cores > 0, let total = lines.first(where: { $0.hasPrefix("cpu ") }) else { return nil }
    // user nice system idle iowait irq softirq steal; guests are in user and nice already.
    let times = total.split(separator: " ").dropFirst().map { UInt64($0) }
    let busy = times.enumerated().compactMap { index, time in
      [0, 1, 2, 5, 6, 7].contains(index) ? time : nil
    }
    guard times.count >= 7, busy.count >= 5 else { return nil }
    var ticks: UInt64 = 0
    for time in busy {
      let (sum, overflow) = ticks.addingReportingOverflow(time)
      guard !overflow else { return nil }
      ticks = sum
    }
    let (nanoseconds, overflow) = ticks.multipliedReportingOverflow(
      by: 1_000_000_000 / Self.ticksPerSecond)
    guard !overflow else { return nil }
    self.cores = cores
    sample = CPUSample(timestamp: now, cpuNanoseconds: nanoseconds)
  }
}
