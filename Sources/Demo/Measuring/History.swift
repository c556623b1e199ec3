/// What the servers had used and served at moments of the last two minutes.
struct History: Sendable {
  /// Older readings are forgotten.
  static let retention = Duration.seconds(120)

  struct Entry: Sendable {
    var at: Duration
    var readings: [VirtualServer.Reading]
  }

  /// CPU seconds per second that each server may use.
  let quotas: [Double]
  private var entries: [Entry] = []

  init(quotas: [Double]) {
    self.quotas = quotas
  }

  /// - Parameter entry: as many readings as there are quotas, later than those before.
  mutating func append(_ entry: Entry) {
    entries.append(entry)
    entries.removeAll { $0.at < entry.at - Self.retention }
  }

  /// What the servers did between the first and the last reading within a span of time.
  ///
  /// - Returns: `nil` when there are not two readings in it.
  func activity(in span: ClosedRange<Duration>) -> Activity? {
    let inside = entries.filter { span.contains($0.at) }
    guard let first = inside.first, let last = inside.last, first.at < last.at else { return nil }
    let seconds = (last.at - first.at) / .seconds(1)
    let pairs = zip(zip(first.readings, last.readings), quotas)
    return Activity(
      utilisations: pairs.map { readings, quota in
        let used = readings.1.cpuNanoseconds.subtractingReportingOverflow(
          readings.0.cpuNanoseconds
        ).partialValue
        return Double(used) / 1e9 / seconds / quota
      },
      requestRates: pairs.map { readings, _ in
        Double(readings.1.served - readings.0.served) / seconds
      })
  }
}

/// What the servers did in a span of time.
struct Activity: Equatable, Sendable {
  /// CPU used over CPU allowed, for each server.
  var utilisations: [Double]
  /// Requests answered per second, by each server.
  var requestRates: [Double]

  /// Worst utilisation over mean utilisation: 1 is level; `nil` while nothing is done.
  var spread: Double? {
    let mean = utilisations.reduce(0, +) / Double(utilisations.count)
    guard let worst = utilisations.max(), mean > 0 else { return nil }
    return worst / mean
  }
}
