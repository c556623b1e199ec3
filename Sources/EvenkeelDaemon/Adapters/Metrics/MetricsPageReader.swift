internal import Balancing
internal import CAdvisor
internal import NIOCore
internal import PrometheusText

/// Makes a `MetricsPage` of what comes over the wire.
struct MetricsPageReader: PageReader {
  private var text: TextReader
  private var page = MetricsPage()
  private let names: MetricNames
  private let meanings: [String: MetricName]
  private let only: [String: String]
  private let now: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - labels: of containers, as the page spells them, that somebody asks for.
  ///   - only: labels that a series must have with these values to be taken.
  ///   - now: on the clock that is given to what has no time of its own.
  init(
    names: MetricNames, labels: Set<String>, only: [String: String],
    now: @escaping @Sendable () -> Timestamp
  ) {
    text = TextReader(
      names: Set(names.series),
      labels: labels.union(names.labels).union(only.keys).union([MetricsPage.instanceLabel]))
    self.names = names
    meanings = names.meanings
    self.only = only
    self.now = now
  }

  /// What a cgroup takes with its texts, and each series beside.
  private static let cgroupBytes = 1024
  private static let seriesBytes = 96

  var held: Int { page.cgroups.count * Self.cgroupBytes + page.series * Self.seriesBytes }

  mutating func take(_ part: ByteBuffer) throws {
    if page.receivedAt == nil { page.receivedAt = now() }
    try takeBytes(Array(part.readableBytesView))
  }

  mutating func takeBytes(_ bytes: [UInt8]) throws(MalformedText) {
    let (names, meanings, only) = (names, meanings, only)
    var taken = page
    // Held twice, it would be copied at its first change.
    page = MetricsPage()
    defer { page = taken }
    try text.take(bytes) { sample in
      guard let meaning = meanings[sample.name],
        only.allSatisfy({ sample.labels[$0.key] == $0.value })
      else { return }
      taken.take(sample, meaning: meaning, names: names)
    }
  }

  mutating func finish(answeredAt: Int64?) throws -> MetricsPage {
    try text.finish()
    page.answeredAtNanoseconds = answeredAt
    page.malformedLines = text.malformedLines
    page.malformedLine = text.malformedLine
    return page
  }
}
