internal import Balancing

/// What is the matter with each balancer: it may be read and refuse to be written, or neither.
struct BalancerTroubles: Hashable, Codable, Sendable {
  enum Kind: String, Codable, CaseIterable {
    case unread, unwritable
  }

  private struct Trouble: Hashable, Codable, Sendable {
    let balancer: BalancerName
    let kind: Kind
  }

  private var said = Once<Trouble>()

  /// - Returns: whether that was not the matter yet.
  mutating func begins(_ kind: Kind, with balancer: BalancerName) -> Bool {
    said.begins(Trouble(balancer: balancer, kind: kind))
  }

  /// - Returns: whether it was, and nothing is the matter any more.
  mutating func ends(_ kind: Kind, with balancer: BalancerName) -> Bool {
    said.ends(Trouble(balancer: balancer, kind: kind))
      && !Kind.allCases.contains { said.goesOn(Trouble(balancer: balancer, kind: $0)) }
  }

  /// A balancer was read, and all is well that is known of it by that.
  ///
  /// - Parameter isNew: whether it is a new process, which has refused nothing.
  /// - Returns: whether something was the matter, and nothing is any more.
  mutating func isRead(_ balancer: BalancerName, isNew: Bool) -> Bool {
    let isWritable = isNew && ends(.unwritable, with: balancer)
    return ends(.unread, with: balancer) || isWritable
  }

  /// Forgets balancers that are gone, and how it was to write to those that nobody writes to any more.
  mutating func keepOnly(_ balancers: Set<BalancerName>, written: Set<BalancerName>) {
    said.keepOnly {
      balancers.contains($0.balancer) && ($0.kind != .unwritable || written.contains($0.balancer))
    }
  }
}
