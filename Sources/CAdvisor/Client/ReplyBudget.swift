import Synchronization

/// What replies that are read at the same time may hold, so that all together are bounded.
///
/// Each has a part of its own that nobody can take from it, enough for hundreds of containers. What a
/// reply holds beyond that comes out of one pool, of which none gets more than a quarter: a reply that
/// is huge, or slow to come, is given up itself, and others go on.
final class ReplyBudget: Sendable {
  /// That of this process.
  static let shared = ReplyBudget(ownPart: 128 << 10, pool: 64 << 20)

  private let ownPart: Int
  private let pool: Int
  private let taken = Mutex(0)

  init(ownPart: Int, pool: Int) {
    self.ownPart = ownPart
    self.pool = pool
  }

  /// What one reply has of the pool.
  struct Share: ~Copyable {
    private let budget: ReplyBudget
    private var bytes = 0

    init(of budget: ReplyBudget) { self.budget = budget }

    /// Says what the reply holds now.
    ///
    /// - Throws: what it may hold, when that is too much.
    mutating func hold(_ held: Int) throws(Excess) {
      let wanted = max(0, held - budget.ownPart)
      guard wanted > bytes else { return }
      guard wanted <= budget.pool / 4 else { throw Excess(held: held, isOfAll: false) }
      let (more, pool) = (wanted - bytes, budget.pool)
      let isTaken = budget.taken.withLock { taken in
        guard taken + more <= pool else { return false }
        taken += more
        return true
      }
      guard isTaken else { throw Excess(held: held, isOfAll: true) }
      bytes = wanted
    }

    deinit {
      let bytes = bytes
      budget.taken.withLock { $0 -= bytes }
    }
  }

  /// Why a reply is given up.
  struct Excess: Error, CustomStringConvertible {
    var held: Int
    /// Whether the others hold so much that nothing is left.
    var isOfAll: Bool

    var description: String {
      "\(held) bytes are needed to read it, more than "
        + (isOfAll ? "others that are read meanwhile leave over" : "any reply may hold")
    }
  }
}
