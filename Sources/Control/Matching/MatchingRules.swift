/// How a backend's servers are found among the containers: the first rule that answers wins.
package struct MatchingRules: Sendable {
  /// Which containers belong to the backend at all; a container's label overrides it.
  package var pattern: any NamePattern
  /// The container label that names the server.
  package var label: String?
  /// The server's name made from the container's.
  package var template: ServerTemplate?
  /// Whether the only container on the host with the server's address is taken.
  package var byAddress: Bool
  /// Whether all HAProxys that have the backend are on this machine: an address that a container of
  /// this machine has leads them there, whoever else has the same.
  package var isBalancedHere: Bool

  package init(
    pattern: any NamePattern, label: String? = nil, template: ServerTemplate? = nil,
    byAddress: Bool = false, isBalancedHere: Bool = false
  ) {
    self.pattern = pattern
    self.label = label
    self.template = template
    self.byAddress = byAddress
    self.isBalancedHere = isBalancedHere
  }
}

extension MatchingRules: Equatable {
  package static func == (left: Self, right: Self) -> Bool {
    left.pattern.source == right.pattern.source && left.label == right.label
      && left.template == right.template && left.byAddress == right.byAddress
      && left.isBalancedHere == right.isBalancedHere
  }
}

/// A pattern for names, matched from the name's start and bounded in time.
package protocol NamePattern: Sendable {
  /// The pattern as it was written.
  var source: String { get }

  /// The groups of a match at the name's start, the whole match first; `nil` without one.
  func groups(atStartOf name: String) -> [String?]?
}

/// A server's name with places to be filled from its container.
package struct ServerTemplate: Hashable, Sendable {
  package enum Part: Hashable, Sendable {
    case literal(String)
    /// A group of the backend's pattern; 0 is the whole match.
    case group(Int)
    /// The container's name that the pattern matched.
    case alias
    case host
    case label(String)
  }

  package let parts: [Part]

  package init(parts: [Part]) { self.parts = parts }
}
