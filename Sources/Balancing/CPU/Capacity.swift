/// What a server can use of its host's CPU, in cores: what is told of it, and what it was seen to do.
package struct Capacity: Hashable, Sendable {
  /// Its quota, or its part of a limit that it shares; `nil` when only its host limits it.
  package var toldCores: Double?
  /// At most so much it was seen to use while requests waited; `nil` while nothing but what is told
  /// limits it.
  var seenCores: Double?
  /// The most that it was seen to use; `nil` before it was seen.
  var shownCores: Double?

  package init(toldCores: Double? = nil) { self.toldCores = toldCores }

  /// The lower of what is told and what was seen; `nil` when only its host limits it.
  var limit: (cores: Double, kind: Utilisation.Limit)? {
    if let seenCores, seenCores < toldCores ?? .infinity { return (seenCores, .seen) }
    return toldCores.map { ($0, .quota) }
  }

  package var limitCores: Double? { limit?.cores }

  /// Its limit, at most its host; `nil` while neither is known.
  func cores(onHostOf hostCores: Double?) -> Double? {
    guard let limitCores, let hostCores else { return limitCores ?? hostCores }
    return min(limitCores, hostCores)
  }
}
