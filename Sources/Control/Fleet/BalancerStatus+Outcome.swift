extension BalancerStatus {
  /// What is shown of what a balancer said in a tick.
  init(_ outcome: BalancerOutcome) {
    name = outcome.balancer
    isPeer = outcome.isPeer
    failure = outcome.failure
    if case .success(let reading) = outcome.answer { ageSeconds = reading.ageSeconds }
  }
}
