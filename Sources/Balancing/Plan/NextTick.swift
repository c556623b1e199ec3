/// When the next tick is wanted, from the latest to the soonest.
package enum NextTick: Int, Hashable, Comparable, Sendable {
  /// After an interval.
  case usual
  /// A few times an interval, for as long as it takes: neighbours come and go on hosts that they crowd.
  case watching
  /// As soon as there can be news: what it will see is not to be missed, or soon over.
  case quick

  package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}
