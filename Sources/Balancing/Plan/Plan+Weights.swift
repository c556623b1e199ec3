extension Plan {
  /// The whole weights that this plan means for one balancer.
  ///
  /// Where other servers keep their weights, those that change share what they have now, because
  /// there is no free scale then. Nor is there for one that is away, as far as whole weights allow
  /// it: its weight is to mean the same when it comes back. What is not to be changed is returned as
  /// it stands.
  ///
  /// - Parameter standing: the balancer's present weights; a weight of 0 is never changed.
  /// - Returns: a weight for each server of `standing`.
  package func weights(
    standing: [ServerName: Weight], bounds: WeightBounds
  ) -> [ServerName: Weight] {
    var weights = standing
    var shares: [ServerName: Double] = [:]
    var tolerances: [ServerName: Double] = [:]
    var (scaleIsFree, someoneIsAway) = (true, false)
    for server in servers {
      guard let weight = standing[server.name], weight.value > 0 else { continue }
      switch server.target {
      case .share(let share):
        shares[server.name] = shares[server.name] ?? share / server.response
        tolerances[server.name] = tolerances[server.name] ?? server.tolerance
      case .reduce(let factor, _):
        weights[server.name] = min(weight, bounds.clamp(Double(weight.value) * factor))
        scaleIsFree = false
      case .keep(let hold):
        scaleIsFree = scaleIsFree && !hold.keepsTraffic
        someoneIsAway = someoneIsAway || hold.isExpectedBack
      }
    }
    guard verdict == .change else { return weights }
    let names = shares.keys.sorted()
    let wanted = names.compactMap { shares[$0] }
    let present = names.compactMap { standing[$0] }
    let sum = present.reduce(0) { $0 + $1.value }
    let rounded =
      if !scaleIsFree {
        WeightRounding.keeping(sum: sum, wanted, bounds: bounds)
      } else if let few = WeightRounding.correcting(
        present, wanted, tolerances: names.map { tolerances[$0] ?? 0 }, bounds: bounds)
      {
        few
      } else if someoneIsAway,
        let close = WeightRounding.closelyKeeping(sum: sum, wanted, bounds: bounds)
      {
        close
      } else {
        WeightRounding.free(wanted, bounds: bounds)
      }
    for (name, weight) in zip(names, rounded) { weights[name] = weight }
    return weights
  }
}

extension ServerHold {
  /// Whether the server is to take traffic beside the others again, with the weight that it has.
  fileprivate var isExpectedBack: Bool {
    guard case .state(let state) = self else { return false }
    // A slot without an address may stay one for ever.
    return state.isAway && state != .unresolved
  }

  /// Whether the server takes traffic with the weight that it keeps.
  package var keepsTraffic: Bool {
    switch self {
    case .state(let state): state.takesTraffic
    case .noContainer, .stale, .noRate, .sampleBeforeLastWrite, .doubted, .external: true
    }
  }
}
