internal import HeapModule

/// What happens next, in the order of time; what happens at the same time, in the order planned.
struct Timers: Sendable {
  enum Kind: Sendable {
    /// Once a second: the truth is recorded, speeds and demand are set.
    case second
    case arrival
    /// The next request of a server to be done, unless its plan changed meanwhile.
    case completion(server: Int, plan: Int)
    /// A request's wait without CPU is over.
    case waited(job: Int)
    /// A cAdvisor reads a counter.
    case sample(host: Int, track: Int)
    case event(Int)
    /// A host's neighbours come, or go.
    case visit(host: Int)
  }

  private struct Timer: Comparable, Sendable {
    let at: Double
    let order: Int
    let kind: Kind

    static func < (left: Timer, right: Timer) -> Bool {
      left.at == right.at ? left.order < right.order : left.at < right.at
    }

    static func == (left: Timer, right: Timer) -> Bool { left.order == right.order }
  }

  private var heap = Heap<Timer>()
  private var planned = 0

  mutating func plan(_ kind: Kind, at time: Double) {
    planned += 1
    heap.insert(Timer(at: time, order: planned, kind: kind))
  }

  /// The next thing to happen until then.
  mutating func next(until time: Double) -> (at: Double, kind: Kind)? {
    guard let first = heap.min, first.at <= time else { return nil }
    _ = heap.popMin()
    return (first.at, first.kind)
  }
}
