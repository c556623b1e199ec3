package import Balancing

/// A machine's clock made steady: where it is set, the time of its samples goes on as it was.
///
/// A rate over a window with a step in it is CPU time over a wrong span, and what is read after a
/// step back looks older than what was read before. A step is believed when two readings in a row
/// show it: one alone may be an answer that was long on its way, or an old one that a proxy kept.
package struct HostClock: Codable, Hashable, Sendable {
  /// Dates have whole seconds: those of two readings of one clock differ by that, and by the time
  /// that they were on their way.
  private static let leastStep = 1.5
  /// Samples that come late come by no more at once.
  private static let longestWait = 300.0

  private var offset = ClockOffset()
  /// Seconds by which the clock of the dates was set ahead since the first reading.
  private var dateStep = 0.0
  /// The same of the clock of the samples: a proxy in between has dates of its own.
  private var sampleStep = 0.0
  /// The newest sample of each container, and of the machine as a whole.
  private var known = SortedTable<Sighting>()
  private var doubt: Doubt?

  /// A sample, and when it was heard of first.
  private struct Sighting: Codable, Hashable, Sendable {
    var sample: Timestamp
    var receivedAt: Timestamp

    /// How far the samples' clock went beyond the time that went by.
    func moved(since earlier: Sighting) -> Double {
      sample.seconds(since: earlier.sample) - receivedAt.seconds(since: earlier.receivedAt)
    }
  }

  /// What may be a step.
  private enum Doubt: Codable, Hashable, Sendable {
    /// The date is ahead by so many seconds.
    case date(Double)
    /// The newest sample of those that went back, or too far ahead, all together.
    case sample(Timestamp, moved: Double)
  }

  package init() {}

  /// Seconds by which it is ahead of our clock; 0 while that is within measuring error.
  package var value: Double { offset.value }

  /// A reading as if the clock had never been set.
  ///
  /// - Returns: the reading without samples, where it is not clear yet what clock they are on.
  package mutating func steady(_ reading: HostReading, receivedAt: Timestamp) -> HostReading {
    let isClear = isClear(reading, receivedAt: receivedAt)
    var reading = reading
    reading.answeredAt = steady(reading.answeredAt)
    reading.hostSample = isClear ? reading.hostSample.map(steady) : nil
    // Where nothing is to be changed, none of the many is copied.
    if !isClear || sampleStep != 0 {
      for index in reading.containers.indices {
        let sample = reading.containers[index].sample
        reading.containers[index].sample = isClear ? sample.map(steady) : nil
      }
    }
    if isClear, let answeredAt = reading.answeredAt {
      offset.observe(answeredAt: answeredAt, receivedAt: receivedAt)
    }
    return reading
  }

  private func steady(_ date: Timestamp?) -> Timestamp? {
    date?.advanced(bySeconds: -dateStep)
  }

  private func steady(_ sample: CPUSample) -> CPUSample {
    CPUSample(
      timestamp: sample.timestamp.advanced(bySeconds: -sampleStep),
      cpuNanoseconds: sample.cpuNanoseconds)
  }

  private mutating func isClear(_ reading: HostReading, receivedAt: Timestamp) -> Bool {
    let date = steady(reading.answeredAt)
    let seen = SortedTable(
      reading.sampleTimes.map { series, sample in
        SortedTable.Entry(
          key: series,
          value: Sighting(
            sample: sample.advanced(bySeconds: -sampleStep), receivedAt: receivedAt))
      })
    let before = doubt
    doubt = doubt(date, seen, receivedAt: receivedAt)
    switch (doubt, before) {
    case (nil, .sample(_, let moved)?) where isAgain(seen, moved):
      follow(seen, by: stepOfSamples(seen, date: date))
    case (.sample(let sample, _)?, .sample(let before, _)?) where sample > before:
      follow(seen, by: stepOfSamples(seen, date: date))
    case (.date(let ahead)?, .date(let before)?) where abs(ahead - before) <= Self.leastStep:
      let step = (ahead + before) / 2 - (offset.median ?? 0)
      dateStep += step
      follow(seen, by: stepOfSamples(seen, dates: step))
    case (.some, nil): return false
    // Nothing is in doubt, or two doubts contradict each other and tell nothing.
    default: follow(seen, by: 0)
    }
    return true
  }

  private func doubt(
    _ date: Timestamp?, _ seen: SortedTable<Sighting>, receivedAt: Timestamp
  ) -> Doubt? {
    if let date, let usual = offset.median {
      let ahead = ClockOffset.seconds(answeredAt: date, receivedAt: receivedAt)
      if abs(ahead - usual) > Self.leastStep { return .date(ahead) }
    }
    let changes = changes(seen)
    guard let newest = changes.max(by: { $0.now.sample < $1.now.sample }),
      changes.allSatisfy({ $0.now.sample < $0.before.sample })
        || changes.allSatisfy({ $0.moved > Self.longestWait })
    else { return nil }
    return .sample(newest.now.sample, moved: newest.moved)
  }

  /// A series of samples that tells something new.
  private struct Change {
    var before: Sighting
    var now: Sighting
    var moved: Double { now.moved(since: before) }
  }

  private func changes(_ seen: SortedTable<Sighting>) -> [Change] {
    seen.entries.enumerated().compactMap { place, entry in
      guard let before = known.value(of: entry.key, near: place),
        before.sample != entry.value.sample
      else { return nil }
      return Change(before: before, now: entry.value)
    }
  }

  /// How far the newest sample moved.
  private func moved(_ seen: SortedTable<Sighting>) -> Double? {
    changes(seen).max { $0.now.sample < $1.now.sample }?.moved
  }

  /// Whether a clock that seemed set back a reading ago still does, though its time has come past
  /// the newest sample by now.
  private func isAgain(_ seen: SortedTable<Sighting>, _ moved: Double) -> Bool {
    guard let again = self.moved(seen), moved < -Self.leastStep else { return false }
    return abs(again - moved) <= Self.leastStep
  }

  /// The step of the samples' clock when the dates show one: that one, unless they went on without.
  private func stepOfSamples(_ seen: SortedTable<Sighting>, dates step: Double) -> Double {
    guard let moved = moved(seen) else { return step }
    return abs(moved - step) < abs(step) / 2 ? step : 0
  }

  /// The step of the samples' clock when only they show one: back, unless they agree with the dates
  /// now and did not before.
  private func stepOfSamples(_ seen: SortedTable<Sighting>, date: Timestamp?) -> Double {
    guard let step = moved(seen), step < 0 else { return 0 }
    guard let date, let newest = seen.entries.map(\.value.sample).max() else { return step }
    let age = date.seconds(since: newest)
    return abs(age + step) < abs(age) ? step : 0
  }

  private mutating func follow(_ seen: SortedTable<Sighting>, by step: Double) {
    // Samples that were on a clock of the past are no measure of those that come.
    if doubt != nil || step != 0 { known = SortedTable() }
    doubt = nil
    sampleStep += step
    // What is as it was is kept as it was heard of first; what is gone is forgotten.
    let before = known
    known = seen
    known.update { place, series, sighting in
      sighting.sample = sighting.sample.advanced(bySeconds: -step)
      if let before = before.value(of: series, near: place), sighting.sample <= before.sample {
        sighting = before
      }
    }
  }
}

extension HostReading {
  /// When the newest samples were taken, by the machine's clock; under no name that of the machine.
  fileprivate var sampleTimes: [(String, Timestamp)] {
    var times: [(String, Timestamp)] = []
    times.reserveCapacity(containers.count + 1)
    if let hostSample { times.append(("", hostSample.timestamp)) }
    for container in containers {
      if let sample = container.sample { times.append((container.id, sample.timestamp)) }
    }
    return times
  }
}
