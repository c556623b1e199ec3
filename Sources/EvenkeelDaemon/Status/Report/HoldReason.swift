internal import Balancing
package import Control

/// Why a server's weight is held, in one word: what programs tell apart.
package enum HoldReason: String, CaseIterable, Sendable {
  case noContainer = "no_container"
  case ambiguous
  case sharedContainer = "shared_container"
  case contested
  case unmeasured
  case stale
  case noRate = "no_rate"
  case doubted
  case ramping, drain, maintenance, down, unresolved, backup
  case zeroWeight = "zero_weight"
  /// Left as it is, as somebody wanted: for a while, by the configuration, or by writing it.
  case paused, configured
  case setByHand = "set_by_hand"
}

extension ServerCondition {
  /// `nil` while it is steered.
  package var hold: HoldReason? {
    switch self {
    case .live: nil
    case .contested: .contested
    case .paused: .paused
    case .configured: .configured
    case .setByHand: .setByHand
    case .unmatched(.ambiguous): .ambiguous
    case .unmatched(.shared): .sharedContainer
    case .unmatched(.near): .noContainer
    case .unmeasured: .unmeasured
    case .unmatched(.none), .unmatched(.container), .hostsUnread, .held(.noContainer): .noContainer
    case .held(.stale): .stale
    case .held(.noRate): .noRate
    case .held(.doubted): .doubted
    // The strategy's own pause is shown as live, and what is held from outside as contested.
    case .held(.sampleBeforeLastWrite): nil
    case .held(.external): .contested
    case .held(.state(let state)): state.hold
    }
  }
}

extension ServerState {
  fileprivate var hold: HoldReason? {
    switch self {
    case .up: nil
    case .ramping: .ramping
    case .drain: .drain
    case .maintenance: .maintenance
    case .down: .down
    case .unresolved: .unresolved
    case .backup: .backup
    case .zeroWeight: .zeroWeight
    }
  }
}

extension StatusReport.Server {
  /// Whether somebody should see to why its weight is held.
  package var heldByFault: Bool {
    switch held.flatMap(HoldReason.init(rawValue:)) {
    case .noContainer, .ambiguous, .sharedContainer, .contested, .unmeasured, .stale, .doubted: true
    case .noRate, .ramping, .drain, .maintenance, .down, .unresolved, .backup, .zeroWeight, .paused,
      .configured, .setByHand, nil:
      false
    }
  }
}
