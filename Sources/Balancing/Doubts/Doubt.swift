/// Why a server's CPU counter is not believed.
///
/// A server whose counter shows too little looks cheap, and would be sent more and more: what cannot be,
/// or hardly can, holds its weight until it is proven.
package enum Doubt: Hashable, Codable, Sendable {
  /// Its counter stands still while it answers.
  case standsStill
  /// Its requests cost a small part of what they should, its own or its peers' cost beside it; 0…1.
  case tooCheap(part: Double, beside: Reference)
  /// They look too cheap, or far too dear, in a window that has yet to be confirmed by more of them; or
  /// dearer since a reload, after which an old process may serve what nobody counts.
  case unconfirmed
  /// It has no limit but its host's, and its host's counter is not believed.
  case hostNotBelieved

  /// What a cost is held against.
  package enum Reference: String, Hashable, Codable, Sendable {
    case past, peers
  }

  /// Whether it is worth a word: what is unconfirmed is settled by the next window.
  package var isLasting: Bool { self != .unconfirmed }

  /// Whether what was counted meanwhile is to be left out for good, and not only until it is confirmed.
  var spoilsItsWindow: Bool { isLasting }

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
