/// What limits the CPU of one cgroup, as set on itself. A quota on a parent (a pod, a slice) is not in
/// it.
public struct CPUSpec: Hashable, Sendable {
  /// CPU time that it may use in each period; `nil` or not positive when there is no quota.
  public var quotaMicroseconds: Int64?
  /// The length of a period; the kernel's default of 100 ms where it is absent.
  public var periodMicroseconds: Int64?
  /// The CPUs that it may run on, as in `0-3,8`; `nil` when that is not known.
  public var mask: String?
  /// Its weight beside its siblings while they all want CPU (`cpu.shares`, 1024 unless set); no limit.
  public var shares: Int64?

  /// Limits of these parts.
  public init(
    quotaMicroseconds: Int64? = nil, periodMicroseconds: Int64? = nil, mask: String? = nil,
    shares: Int64? = nil
  ) {
    self.quotaMicroseconds = quotaMicroseconds
    self.periodMicroseconds = periodMicroseconds
    self.mask = mask
    self.shares = shares
  }

  /// The CPUs that it is pinned to; `nil` when it may run on all of its machine's, or that is not known.
  public func pinnedCPUs(machineCores: Int?) -> Set<Int>? {
    guard let machineCores, let mask = mask.flatMap(CPUMask.init), mask.count < machineCores else {
      return nil
    }
    return mask.cpus
  }

  /// How many cores' worth of CPU it can use at most: the lowest of its quota over the period
  /// and the count of its CPUs.
  ///
  /// A mask that does not read as a list of CPUs limits nothing.
  ///
  /// - Parameter machineCores: The logical cores of its machine; `nil` while they are not known.
  /// - Returns: A number between 0 and the machine's cores; `nil` when only the machine limits it.
  public func coreLimit(machineCores: Int?) -> Double? {
    let pinned = mask.flatMap(CPUMask.init).map { Double($0.count) }
    let limit = [quotaCores, pinned].compactMap { $0 }.min()
    return limit.flatMap { $0 < machineCores.map(Double.init) ?? .infinity ? $0 : nil }
  }

  private var quotaCores: Double? {
    guard let quotaMicroseconds, quotaMicroseconds > 0 else { return nil }
    let period = periodMicroseconds.flatMap { $0 > 0 ? $0 : nil } ?? 100_000
    return Double(quotaMicroseconds) / Double(period)
  }
}
