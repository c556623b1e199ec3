/// Finds the servers that fail more of their requests than their peers.
///
/// A server that fails fast burns little CPU and looks idle: weights by load alone would send it all
/// traffic. gRPC's A58 answers with errors as load; here a failing server's requests count as dearer,
/// by what it fails *beyond* its peers: what all fail alike (a bad client, a dead database) is no
/// server's fault, and of two servers none can be told to be the odd one.
enum ErrorPenalty {
  /// For each server the factor on what it should get, 0…1; 1 blames it for nothing.
  static func factors(_ meters: [ErrorMeter]) -> [Double] {
    let judged = meters.map { $0.tried >= CapacityConstants.noAccident ? $0.fraction : nil }
    var factors = meters.map { _ in 1.0 }
    guard judged.count(where: { $0 != nil }) > 2 else { return factors }
    let peers = PeerValues(judged)
    for (index, mine) in judged.enumerated() {
      guard let mine, let usual = peers.median(without: index) else { continue }
      let chance = (max(usual, 1 / meters[index].tried) / meters[index].tried).squareRoot()
      let margin = max(CapacityConstants.resolution, CapacityConstants.deviations * chance)
      guard mine - usual > margin else { continue }
      let wellBeside = (1 - mine) / (1 - usual)
      factors[index] = wellBeside * wellBeside * wellBeside * wellBeside
    }
    return factors
  }
}
