/// What part of a server's requests goes wrong lately, and how many tell so.
struct ErrorMeter: Hashable, Codable, Sendable {
  /// Requests tried, and those of them that failed; old ones fade.
  private(set) var tried = 0.0
  private(set) var failed = 0.0

  /// 0…1; 0 before anything was tried.
  var fraction: Double { tried > 0 ? min(1, failed / tried) : 0 }

  mutating func add(_ growth: CounterGrowth) {
    let kept = Fading.kept(after: growth.seconds, memory: CapacityConstants.recentSeconds)
    tried = tried * kept + max(growth.tried, growth.failed)
    failed = failed * kept + growth.failed
  }
}
