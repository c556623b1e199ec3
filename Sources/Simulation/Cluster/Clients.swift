/// Who sends the requests that go to a fixed server, and where each has been.
struct Clients: Sendable {
  private let pinned: Double
  private var random: SeededRandom
  /// The sum of all parts up to each client's.
  private let sums: [Double]
  /// The server that each was sent to first, while it has been up.
  var homes: [Int?]

  init(_ demand: DemandModel, _ random: SeededRandom) {
    pinned = demand.pinned
    self.random = random
    let count = demand.pinned > 0 ? demand.clients : 0
    sums = (0..<count).reduce(into: []) { sums, rank in
      sums.append((sums.last ?? 0) + 1 / Double(rank + 1))
    }
    homes = Array(repeating: nil, count: count)
  }

  /// Whose request comes next; `nil` for one that goes anywhere.
  mutating func next() -> Int? {
    guard pinned > 0, let total = sums.last, random.unit() <= pinned else { return nil }
    let point = random.unit() * total
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] < point { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
