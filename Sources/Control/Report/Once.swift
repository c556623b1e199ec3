/// What goes on at present, so that each thing is said once where it begins, and once where it ends.
struct Once<Thing: Hashable & Codable & Sendable>: Hashable, Codable, Sendable {
  private var standing: Set<Thing> = []

  /// - Returns: whether it did not go on yet.
  mutating func begins(_ thing: Thing) -> Bool { standing.insert(thing).inserted }

  /// - Returns: whether it went on until now.
  @discardableResult
  mutating func ends(_ thing: Thing) -> Bool { standing.remove(thing) != nil }

  func goesOn(_ thing: Thing) -> Bool { standing.contains(thing) }

  /// Forgets what is nobody's matter any more.
  mutating func keepOnly(_ isKept: (Thing) -> Bool) { standing = standing.filter(isKept) }
}
