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

  /// Forgets balancers that are gone, and how it was to write to those that are read alone.
  mutating func keepOnly(_ balancers: Set<BalancerName>, readOnly: Set<BalancerName>) {
    said.keepOnly {
      balancers.contains($0.balancer)
        && ($0.kind != .unwritable || !readOnly.contains($0.balancer))
    }
  }
}
