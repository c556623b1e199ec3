internal import Balancing
internal import Control

/// Servers that are placeholders: `server-template` makes them in advance, and whether one is ever
/// filled is not evenkeel's to say. They are counted, not listed.
package enum EmptySlots {
  /// What is said of so many; `nil` without any.
  package static func text(_ count: Int) -> String? {
    switch count {
    case ...0: nil
    case 1: "1 slot without an address"
    default: "\(count) slots without an address"
    }
  }
}

extension ServerStatus {
  var isEmptySlot: Bool { state == .unresolved }
}

extension StatusReport.Server {
  package var isEmptySlot: Bool { held == HoldReason.unresolved.rawValue }
}

extension StatusReport.Backend {
  package var emptySlots: Int { servers.count(where: \.isEmptySlot) }

  package var slotsText: String? { EmptySlots.text(emptySlots) }
}
