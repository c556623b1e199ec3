internal import Balancing

extension [ServerReading] {
  /// How far the shares that these weights mean are off those of another balancer: the largest
  /// difference, as a part of the largest share; 0 is the same.
  ///
  /// Only servers that are up on both count. `nil` where there are none.
  func weightsApart(from other: [ServerReading]) -> Double? {
    let theirs = Dictionary(
      other.filter(\.hasShare).map { ($0.name, Double($0.weight.value)) },
      uniquingKeysWith: { first, _ in first })
    let pairs = filter(\.hasShare).compactMap { server in
      theirs[server.name].map { (mine: Double(server.weight.value), its: $0) }
    }
    let (mine, its) = (pairs.reduce(0) { $0 + $1.mine }, pairs.reduce(0) { $0 + $1.its })
    guard mine > 0, its > 0 else { return nil }
    let top = pairs.map { Swift.max($0.mine / mine, $0.its / its) }.max() ?? 0
    let most = pairs.map { abs($0.mine / mine - $0.its / its) }.max() ?? 0
    return top > 0 ? most / top : nil
  }
}

extension ServerReading {
  fileprivate var hasShare: Bool { state == .up && weight.value > 0 }
}
