extension BalancerOutcome {
  /// Its answer, where that is of use.
  var usable: BalancerReading? {
    guard case .success(let reading) = answer, !reading.isStopping else { return nil }
    return reading
  }

  /// Why its answer cannot be used; a process on its way out is as good as none.
  package var failure: PortFailure? {
    switch answer {
    case .failure(let failure): failure
    case .success(let reading) where reading.isStopping:
      PortFailure(.unreachable, "\(balancer): this HAProxy process is on its way out")
    case .success: nil
    }
  }
}
