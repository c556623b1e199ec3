internal import Balancing
internal import Control

/// Why a backend's weights are all held, in one word: what programs tell apart.
package enum Holding: String, Codable, CaseIterable, Sendable {
  case unreadable
  case algorithmIsFixed = "algorithm_is_fixed"
  case learning
  case tooLittleFreshData = "too_little_fresh_data"
  case idle
  case nothingToLevel = "nothing_to_level"
  case countersMissing = "counters_missing"
  case trafficIgnoresWeights = "traffic_ignores_weights"
}

extension BackendCondition {
  /// `nil` while it steers.
  var word: Holding? {
    switch self {
    case .steering, .holding(.awaitingSamplesSinceWrite): nil
    case .unreadable: .unreadable
    case .algorithmIsFixed: .algorithmIsFixed
    case .holding(.learning): .learning
    case .holding(.tooLittleFreshData): .tooLittleFreshData
    case .holding(.idle): .idle
    case .holding(.nothingToLevel): .nothingToLevel
    case .holding(.countersMissing): .countersMissing
    case .holding(.trafficIgnoresWeights): .trafficIgnoresWeights
    }
  }
}
