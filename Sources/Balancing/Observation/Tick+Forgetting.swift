extension Tick {
  /// Forgets what was last seen long ago. Where nothing goes, nothing is built anew.
  ///
  /// - Parameter seen: how many of them this tick has seen: where that is all, none is looked at.
  func forgetOld<Key, Value>(
    in known: inout [Key: Value], seen: Int = 0, by lastSeen: (Value) -> Timestamp
  ) {
    guard known.count != seen, known.values.contains(where: { isForgotten(lastSeen($0)) }) else {
      return
    }
    known = known.filter { !isForgotten(lastSeen($0.value)) }
  }

  /// Whether something last seen then is to be forgotten.
  private func isForgotten(_ lastSeen: Timestamp) -> Bool {
    abs(now.seconds(since: lastSeen)) > CapacityConstants.forgetSeconds
  }
}
