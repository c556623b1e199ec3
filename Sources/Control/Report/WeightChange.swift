package import Balancing

/// One weight, changed or to be changed, with what it means and its reason.
package struct WeightChange: Hashable, Sendable {
  package var backend: BackendName
  package var server: ServerName
  package var balancer: BalancerName
  package var old: Weight
  package var new: Weight
  /// What the weights make of the server's part of the traffic: a weight alone says nothing.
  package var shares: Shares?
  package var utilisation: Utilisation?
  package var reason: Reason

  package init(
    backend: BackendName, server: ServerName, balancer: BalancerName, old: Weight, new: Weight,
    shares: Shares? = nil, utilisation: Utilisation? = nil, reason: Reason
  ) {
    self.backend = backend
    self.server = server
    self.balancer = balancer
    self.old = old
    self.new = new
    self.shares = shares
    self.utilisation = utilisation
    self.reason = reason
  }

  /// A server's part of what one balancer sends to the backend, 0…1.
  package struct Shares: Hashable, Sendable {
    package var before: Double
    package var after: Double

    package init(before: Double, after: Double) {
      self.before = before
      self.after = after
    }

    /// Whether people would see a difference: a tenth of a percent of the traffic.
    package var differ: Bool { abs(after - before) >= 0.001 }
    package var rises: Bool { after > before }
  }

  package enum Reason: Hashable, Sendable {
    /// To bring its utilisation to the mean; or, without one, to what its peers' mean gives it.
    case levelling(Utilisation?, mean: Double?)
    /// A queue waits at it.
    case clearing(requests: Double)
    case cleared
    /// It takes the traffic that another server does not get meanwhile, for that cause.
    case standingIn(ShareCause)
    /// It took more than its share for others, whose queues are worked off.
    case relieved
    case piling
    case young
    case failing
    /// What its requests cost and what it may use say so, whatever its utilisation is just now.
    case due
    /// Others got other weights; its part of the traffic is what it was.
    case scale
    case reduction(Balancing.Reduction)
    /// A reload or restart lost it.
    case restored
    /// evenkeel stops, and gives back the weight of HAProxy's configuration.
    case givenBack
    /// Somebody wanted that weight back.
    case asked
  }
}
