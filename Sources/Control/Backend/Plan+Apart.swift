internal import Balancing

extension Plan {
  /// How far one balancer's weights may be off what is planned for all, in parts of a share.
  private static let ownTolerance = 0.1

  /// Whether two balancers' weights mean other shares than whole weights make of the same.
  static func differ(_ ours: [ServerName: Weight], _ theirs: [ServerName: Weight]) -> Bool {
    let names = ours.keys.filter { theirs[$0] != nil }
    func sum(_ weights: [ServerName: Weight]) -> Double {
      names.reduce(0) { $0 + Double(weights[$1]?.value ?? 0) }
    }
    let (our, their) = (sum(ours), sum(theirs))
    guard our > 0, their > 0 else { return false }
    return names.contains { name in
      let (mine, its) = (Double(ours[name]?.value ?? 0), Double(theirs[name]?.value ?? 0))
      return abs(mine / our - its / their) > 0.01 * its / their + 0.5 / our
    }
  }

  /// Whether one balancer's weights mean other shares than are planned.
  func isOff(_ standing: [ServerName: Weight]) -> Bool {
    var pairs: [(weight: Double, share: Double)] = []
    for server in servers {
      guard case .share(let share) = server.target, server.response > 0,
        let weight = standing[server.name], weight.value > 0
      else { continue }
      pairs.append((Double(weight.value), share / server.response))
    }
    let weights = pairs.reduce(0) { $0 + $1.weight }
    let shares = pairs.reduce(0) { $0 + $1.share }
    guard weights > 0, shares > 0 else { return false }
    // What one more or less of a whole weight makes is as near as it comes.
    return pairs.contains { pair in
      abs(pair.weight / weights - pair.share / shares)
        > Self.ownTolerance * pair.share / shares + 1 / weights
    }
  }
}

extension ServerPlan {
  var isShared: Bool {
    if case .share = target { true } else { false }
  }

  var isReduced: Bool {
    if case .reduce = target { true } else { false }
  }
}
