/// A set of CPUs in the kernel's list form: `0-3,8`.
struct CPUMask: Equatable {
  /// The CPUs in it; at least one.
  let cpus: Set<Int>

  var count: Int { cpus.count }

  /// The kernel itself has no CPU beyond this.
  private static let highestCPU = 65_535

  /// `nil` when a text is no such list, or an empty one.
  init?(_ text: String) {
    var cpus: Set<Int> = []
    guard Self.parse(text, { cpus.formUnion($0) }) else { return nil }
    self.cpus = cpus
  }

  /// Whether a text is such a list.
  static func isList(_ text: String) -> Bool { parse(text) { _ in } }

  private static func parse(_ text: String, _ take: (ClosedRange<Int>) -> Void) -> Bool {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends.first, let last = ends.last,
        let first, let last, 0 <= first, first <= last, last <= highestCPU
      else { return false }
      take(first...last)
    }
    return true
  }
}
