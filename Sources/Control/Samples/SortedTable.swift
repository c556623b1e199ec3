/// Values by a text, in the texts' order: half of a dictionary's size, and quicker where the same keys
/// come again and again in that order.
struct SortedTable<Value> {
  struct Entry {
    let key: String
    var value: Value
  }

  private(set) var entries: [Entry] = []

  init() {}

  /// - Parameter entries: in any order; of those with the same key the last one counts.
  init(_ entries: [Entry]) {
    self.entries = entries
    guard zip(entries, entries.dropFirst()).contains(where: { $0.key >= $1.key }) else { return }
    let last = Dictionary(entries.map { ($0.key, $0.value) }) { $1 }
    self.entries = last.map(Entry.init).sorted { $0.key < $1.key }
  }

  var isEmpty: Bool { entries.isEmpty }
  var count: Int { entries.count }

  subscript(key: String) -> Value? { index(of: key).map { entries[$0].value } }

  /// The value of a key that is likely to be at this place.
  func value(of key: String, near place: Int) -> Value? {
    entries.indices.contains(place) && entries[place].key == key ? entries[place].value : self[key]
  }

  /// Whether it has exactly these keys, in this order.
  func hasKeys(_ keys: some Collection<String>) -> Bool {
    keys.count == entries.count && zip(keys, entries).allSatisfy { $0 == $1.key }
  }

  /// Changes the values where they are.
  mutating func update(_ change: (Int, String, inout Value) -> Void) {
    for index in entries.indices { change(index, entries[index].key, &entries[index].value) }
  }

  /// Changes the value of a key that is there.
  mutating func update(_ key: String, _ change: (inout Value) -> Void) {
    if let index = index(of: key) { change(&entries[index].value) }
  }

  private func index(of key: String) -> Int? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].key == key ? low : nil
  }
}

extension SortedTable.Entry: Sendable where Value: Sendable {}
extension SortedTable: Sendable where Value: Sendable {}
extension SortedTable.Entry: Equatable where Value: Equatable {}
extension SortedTable: Equatable where Value: Equatable {}
extension SortedTable.Entry: Hashable where Value: Hashable {}
extension SortedTable: Hashable where Value: Hashable {}

extension SortedTable: Codable where Value: Codable {
  init(from decoder: any Decoder) throws {
    let values = try [String: Value](from: decoder)
    self.init(values.map { Entry(key: $0.key, value: $0.value) })
  }

  func encode(to encoder: any Encoder) throws {
    let values = Dictionary(entries.map { ($0.key, $0.value) }) { $1 }
    try values.encode(to: encoder)
  }
}
