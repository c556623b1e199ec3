/// Why a server's CPU counter is not believed.
///
/// A server whose counter shows too little looks cheap, and would be sent more and more: what cannot be,
/// or hardly can, holds its weight until it is proven.
package enum Doubt: Hashable, Codable, Sendable {
  /// Its counter stands still while it answers.
  case standsStill
  /// Its requests cost a small part of what they should, its own or its peers' cost beside it; 0…1.
  case tooCheap(part: Double, beside: Reference)
  /// They look too cheap in a window that has yet to be confirmed by more of them.
  case unconfirmed
  /// They look far dearer in a window that has yet to be confirmed by another. Its server goes on as it
  /// is known.
  case dearer
  /// They are dearer since a reload, after which an old process may serve what nobody counts. Its server
  /// goes on as it was known at the reload.
  case uncounted
  /// It has no limit but its host's, and its host's counter is not believed.
  case hostNotBelieved

  /// What a cost is held against.
  package enum Reference: String, Hashable, Codable, Sendable {
    case past, peers
  }

  /// Whether it is worth a word, and what was counted meanwhile is left out for good; else it is
  /// settled by the next windows.
  package var isLasting: Bool {
    switch self {
    case .standsStill, .tooCheap, .hostNotBelieved: true
    case .unconfirmed, .dearer, .uncounted: false
    }
  }

  /// Whether its server keeps its weight: what may only look cheap is never given more.
  var holds: Bool {
    switch self {
    case .dearer, .uncounted: false
    case .standsStill, .tooCheap, .unconfirmed, .hostNotBelieved: true
    }
  }

  /// Whether it is the same situation, numbers aside.
  package func isSameKind(as other: Doubt) -> Bool {
    switch (self, other) {
    case (.tooCheap(_, let mine), .tooCheap(_, let theirs)): mine == theirs
    default: self == other
    }
  }
}

/// Why a host's own CPU counter is not believed.
package enum HostDoubt: Hashable, Codable, Sendable {
  /// It shows less than our containers on it use, be it nothing at all.
  case lessThanItsContainers
  /// More cores are used than there are: one of the two figures is wrong.
  case moreThanItHas(cores: Double)

  package func isSameKind(as other: HostDoubt) -> Bool {
    switch (self, other) {
    case (.lessThanItsContainers, .lessThanItsContainers), (.moreThanItHas, .moreThanItHas): true
    case (.lessThanItsContainers, .moreThanItHas), (.moreThanItHas, .lessThanItsContainers): false
    }
  }
}
