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
}

extension ServerCondition {
  /// `nil` while it is steered.
  package var hold: HoldReason? {
    switch self {
    case .live: nil
    case .contested: .contested
    case .unmatched(.ambiguous): .ambiguous
    case .unmatched(.shared): .sharedContainer
    case .unmatched(.near): .noContainer
    case .unmeasured: .unmeasured
    case .unmatched(.none), .unmatched(.container), .held(.noContainer): .noContainer
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
