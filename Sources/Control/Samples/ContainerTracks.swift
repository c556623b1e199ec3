/// What is known of a host's containers, by their ids.
package struct ContainerTracks: Codable, Sendable {
  private var table = SortedTable<ContainerTrack>()

  package init() {}

  package init(from decoder: any Decoder) throws { table = try SortedTable(from: decoder) }

  package func encode(to encoder: any Encoder) throws { try table.encode(to: encoder) }

  package subscript(id: String) -> ContainerTrack? { table[id] }

  package var isEmpty: Bool { table.isEmpty }
  package var count: Int { table.count }
  package var keys: [String] { table.entries.map(\.key) }
  package var values: [ContainerTrack] { table.entries.map(\.value) }
  /// For who asks little of many: what is read of one at its place is all that is copied of it.
  var entries: [SortedTable<ContainerTrack>.Entry] { table.entries }

  /// What all of them used between their last two samples, each once.
  var usedCores: Double {
    table.entries.reduce(0) { sum, entry in
      entry.value.twin == nil && !entry.value.isWholeHost ? sum + entry.value.cores : sum
    }
  }

  /// Whether one is listed twice.
  var hasTwins: Bool { table.entries.contains { $0.value.twin != nil } }

  /// Whether these are listed, in the same order, and no others.
  func lists(_ readings: [ContainerReading]) -> Bool {
    table.hasKeys(readings.lazy.map(\.id))
  }

  /// Keeps what is known of these alone.
  mutating func list(_ readings: [ContainerReading]) {
    table = SortedTable(
      readings.map { .init(key: $0.id, value: table[$0.id] ?? ContainerTrack()) })
  }

  mutating func update(_ change: (Int, String, inout ContainerTrack) -> Void) {
    table.update(change)
  }

  /// Changes one that is listed.
  mutating func update(_ id: String, _ change: (inout ContainerTrack) -> Void) {
    table.update(id, change)
  }
}

extension ContainerTracks: Sequence {
  package func makeIterator() -> AnyIterator<(String, ContainerTrack)> {
    var entries = table.entries.makeIterator()
    return AnyIterator { entries.next().map { ($0.key, $0.value) } }
  }
}
