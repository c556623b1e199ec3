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
  private var newest: Sighting?
  private var doubt: Doubt?

  /// The newest sample of all containers, and when it was heard of.
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
    /// The newest sample is older than one that is known, or far newer, by the time that went by.
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
    for index in reading.containers.indices {
      let sample = reading.containers[index].sample
      reading.containers[index].sample = isClear ? sample.map(steady) : nil
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
    let seen = reading.newestSample.map {
      Sighting(sample: $0.advanced(bySeconds: -sampleStep), receivedAt: receivedAt)
    }
    let before = doubt
    doubt = doubt(date, seen, receivedAt: receivedAt)
    switch (doubt, before) {
    case (nil, .sample(_, let moved)?) where isAgain(seen, moved):
      follow(seen, by: stepOfSamples(seen, date: date))
      return true
    case (nil, _): break
    case (_, nil): return false
    case (.date(let ahead), .date(let before)) where abs(ahead - before) <= Self.leastStep:
      let step = (ahead + before) / 2 - (offset.median ?? 0)
      dateStep += step
      follow(seen, by: stepOfSamples(seen, dates: step))
      return true
    case (.sample(let sample, _), .sample(let before, _)) where sample > before:
      follow(seen, by: stepOfSamples(seen, date: date))
      return true
    // Two that contradict each other tell nothing.
    default: break
    }
    doubt = nil
    if let seen, newest.map({ seen.sample > $0.sample }) ?? true { newest = seen }
    return true
  }

  private func doubt(_ date: Timestamp?, _ seen: Sighting?, receivedAt: Timestamp) -> Doubt? {
    if let date, let usual = offset.median {
      let ahead = ClockOffset.seconds(answeredAt: date, receivedAt: receivedAt)
      if abs(ahead - usual) > Self.leastStep { return .date(ahead) }
    }
    guard let seen, let newest,
      seen.sample < newest.sample || seen.moved(since: newest) > Self.longestWait
    else { return nil }
    return .sample(seen.sample, moved: seen.moved(since: newest))
  }

  /// Whether a clock that seemed set back a reading ago still does, though its time has come past
  /// the newest sample by now.
  private func isAgain(_ seen: Sighting?, _ moved: Double) -> Bool {
    guard let seen, let newest, moved < -Self.leastStep else { return false }
    return abs(seen.moved(since: newest) - moved) <= Self.leastStep
  }

  /// The step of the samples' clock when the dates show one: that one, unless they went on without.
  private func stepOfSamples(_ seen: Sighting?, dates step: Double) -> Double {
    guard let seen, let newest else { return step }
    return abs(seen.moved(since: newest) - step) < abs(step) / 2 ? step : 0
  }

  /// The step of the samples' clock when only they show one: back, unless they agree with the dates
  /// now and did not before.
  private func stepOfSamples(_ seen: Sighting?, date: Timestamp?) -> Double {
    guard let seen, let newest, case let step = seen.moved(since: newest), step < 0 else {
      return 0
    }
    guard let date else { return step }
    let age = date.seconds(since: seen.sample)
    return abs(age + step) < abs(age) ? step : 0
  }

  private mutating func follow(_ seen: Sighting?, by step: Double) {
    doubt = nil
    sampleStep += step
    newest = seen.map {
      Sighting(sample: $0.sample.advanced(bySeconds: -step), receivedAt: $0.receivedAt)
    }
  }
}

extension HostReading {
  /// When the newest sample was taken, by the machine's clock.
  fileprivate var newestSample: Timestamp? {
    (containers.map(\.sample) + [hostSample]).compactMap { $0?.timestamp }.max()
  }
}
