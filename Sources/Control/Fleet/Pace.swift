package import Balancing

/// How long the parts of a tick may take, all derived from its interval, so that reading once and
/// writing together always fit into it.
package struct Pace: Hashable, Sendable {
  package let interval: Duration

  package init(interval: Duration) { self.interval = interval }

  /// For reading one endpoint.
  package var endpointDeadline: Duration { min(interval / 2, .seconds(5)) }
  /// For one exchange with a balancer, reading or writing.
  package var balancerDeadline: Duration { min(interval / 3, .seconds(3)) }
  /// Until which the next of many writes to one balancer begin; half of the interval is their end.
  package var writeDeadline: Duration { min(interval / 3, .seconds(10)) }
  /// Between ticks that a strategy wants sooner, and between looks for a balancer that was reloaded:
  /// the seconds at wrong weights cost the longest queues.
  package var quickInterval: Duration { min(interval, max(.seconds(1), interval / 10)) }
  /// Between ticks while neighbours come and go on hosts that they crowd, which may be for ever.
  package var watchInterval: Duration { min(interval, max(.seconds(1), interval / 5)) }
  /// Seconds for which samples are kept: over as many ticks as a rate is fresh for, however far these are
  /// apart.
  var sampleSeconds: Double { max(SampleWindow.longestSeconds, 3 * intervalSeconds) }
  /// From a tick to the one that its plans want.
  package func time(to next: NextTick) -> Duration {
    switch next {
    case .usual: interval
    case .watching: watchInterval
    case .quick: quickInterval
    }
  }
  /// In seconds, for the mathematics.
  package var intervalSeconds: Double { interval.inSeconds }
}

extension Duration {
  /// This duration as a number of seconds.
  package var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
