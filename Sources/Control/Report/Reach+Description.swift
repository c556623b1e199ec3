package import Balancing

extension BackendStatus {
  /// How far plans go, and why no farther; `nil` where they go all the way, as far as people care.
  package var reachSentence: String? {
    guard let reach, reach.isShort else { return nil }
    let better =
      hasBetterBalance
      ? "; `balance leastconn` or `balance random(4)` would serve better here" : ""
    return "goes \(decimal(reach.part * 100, 0)) % of the way: \(reach.reason)\(better)"
  }

  /// Why it looks more often than once an interval, for as long as that lasts; `nil` where it does not.
  package var watchSentence: String? {
    isWatching ? "looks more often: neighbours come and go on hosts that they crowd" : nil
  }
}

extension Reach.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .neighbours: "neighbours change faster than weights can follow"
    }
  }
}
