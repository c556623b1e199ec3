/// What each of many sees of all the others, for instance the median of its peers' costs: ordered once,
/// whatever their number.
struct PeerValues {
  /// Those that are known, in ascending order.
  private let ordered: [Double]
  /// Where each one's own is among them; `nil` where it is not known.
  private let places: [Int?]

  init(_ values: [Double?]) {
    let known = values.indices.compactMap { index in
      values[index].map { (value: $0, index: index) }
    }
    let sorted = known.sorted { $0.value < $1.value }
    var places = [Int?](repeating: nil, count: values.count)
    for (place, each) in sorted.enumerated() { places[each.index] = place }
    self.places = places
    ordered = sorted.map(\.value)
  }

  /// The median of all others' that are known; `nil` where none is.
  ///
  /// - Parameter index: of the one whose own is left out.
  func median(without index: Int) -> Double? {
    let count = count(without: index)
    guard count > 0 else { return nil }
    let upper = value(count / 2, without: index)
    return count.isMultiple(of: 2) ? (value(count / 2 - 1, without: index) + upper) / 2 : upper
  }

  /// The one below which a quarter of the others' are; `nil` where none is known.
  func lowerQuartile(without index: Int) -> Double? {
    let count = count(without: index)
    return count > 0 ? value((count - 1) / 4, without: index) : nil
  }

  private func count(without index: Int) -> Int {
    ordered.count - (places[index] == nil ? 0 : 1)
  }

  /// - Parameter rank: from 0, below `count(without:)`.
  private func value(_ rank: Int, without index: Int) -> Double {
    if let own = places[index], own <= rank { return ordered[rank + 1] }
    return ordered[rank]
  }
}
