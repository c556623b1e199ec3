package import Balancing

extension LimitAdvice: CustomStringConvertible {
  package var description: String {
    switch self {
    case .limit(let limit): limit.description
    case .none(let reason): "none advised: \(reason)"
    }
  }
}

extension LimitAdvice.Limit: CustomStringConvertible {
  /// What it rests on, and how sure it is.
  package var description: String {
    let seen =
      "answers took \(milliseconds(seenSeconds)) at \(decimal(seenUtilisation, 2)) of its CPU"
    let certainty =
      if isSure {
        "sure: \(seen)"
      } else if watchedSeconds < LimitAdvice.sureSeconds {
        "rough, looked at for \(decimal(watchedSeconds / 60, 0)) min: \(seen)"
      } else {
        "rough: \(seen), and \(most) would be right were that no queue at the server"
      }
    return "\(decimal(capacityPerSecond, 1)) requests/s that its CPU is good for × "
      + "\(milliseconds(responseSeconds)) a request, \(milliseconds(waitSeconds)) of it no CPU; "
      + certainty
  }
}

extension LimitAdvice.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .costUnknown: "what its requests cost is not known"
    case .noResponseTimes: "HAProxy measures no response times here, as in TCP mode"
    case .learning: "too few answers yet that were not kept waiting by a full CPU"
    case .sessionsAreLong: "sessions last for minutes: a limit would turn clients away"
    case .waits(let seconds, let service):
      "a request waits \(milliseconds(seconds)) for something else than CPU, and takes "
        + "\(milliseconds(service)) of that: what it waits for should have the limit"
    case .placesAreHeld(let seconds, let response):
      "an answer begins after \(milliseconds(response)), and its place is taken for "
        + "\(milliseconds(seconds)): by streams, tunnels or slow clients"
    }
  }
}

extension LimitAdvice {
  /// What is advised for each balancer; `nil` where nothing is.
  ///
  /// With as much on each, the others can still use a server up when one of those that traffic comes through
  /// is gone. While none is, somewhat more may wait at the server.
  ///
  /// - Parameter carriers: how many balancers traffic comes through.
  func onEach(of carriers: Int) -> Int? {
    guard case .limit(let limit) = self else { return nil }
    let balancers = max(1, carriers - 1)
    return max(1, (limit.inFlight + balancers - 1) / balancers)
  }
}

private func milliseconds(_ seconds: Double) -> String {
  "\(decimal(seconds * 1000, seconds < 0.01 ? 1 : 0)) ms"
}
