/// Tells a machine that was booted from a URL behind which several machines answer.
///
/// A boot changes what a machine is known by once, and for good. What was there before and comes
/// back, or changes again within minutes, is another machine each time: a routing mesh, a service's
/// name, several addresses under one name.
struct MachineWatch: Equatable, Sendable {
  enum Finding: Equatable, Sendable {
    /// Known, or nothing to know it by.
    case same
    /// Another than before: booted meanwhile, or put in its place.
    case changed
    case several
  }

  /// A machine that is booted more often than this is of no use either.
  private static let changesInRow = 2
  private static let row = Duration.seconds(600)
  private static let remembered = 8
  /// So many answers in a row by one machine, each over a connection of its own, are believed.
  private static let steadyAnswers = 20

  private(set) var current: String?
  private var past: [String] = []
  private var changes: [Duration] = []
  private var steady = 0
  /// Whether several machines were found, and it is not over.
  private(set) var hasSeveral = false

  /// The last of those that were there before, to be named.
  var other: String? { past.last { $0 != current } }

  mutating func observe(_ identity: String?, at now: Duration) -> Finding {
    guard let identity else { return hasSeveral ? .several : .same }
    guard let before = current, before != identity else {
      current = identity
      steady += 1
      if hasSeveral, steady >= Self.steadyAnswers { forget() }
      return hasSeveral ? .several : .same
    }
    changes = changes.filter { now - $0 < Self.row } + [now]
    if past.contains(identity) || changes.count >= Self.changesInRow { hasSeveral = true }
    past = (past.filter { $0 != identity } + [before]).suffix(Self.remembered)
    current = identity
    steady = 0
    return hasSeveral ? .several : .changed
  }

  /// Two machines answered within one reading.
  mutating func findsSeveral() { hasSeveral = true }

  private mutating func forget() {
    hasSeveral = false
    past = []
    changes = []
  }
}
