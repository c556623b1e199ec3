package import Balancing

/// The newest samples of one counter, oldest first, bounded in number and in age.
///
/// One that falls, or rises by more than can be used, is kept aside until its successor confirms it or
/// contradicts it: a single bad reading is neither a load nor a restart.
package struct SampleWindow: Codable, Hashable, Sendable {
  static let mostSamples = 64
  package static let longestSeconds = 240.0
  private static let clockSetBackSeconds = 60.0

  package private(set) var samples: [CPUSample] = []
  /// The newest one, while it waits for its successor.
  private var doubted: CPUSample?

  package init() {}

  /// Whether the counter counts.
  var moves: Bool {
    guard let first = samples.first, let last = samples.last else { return false }
    return last.cpuNanoseconds > first.cpuNanoseconds
  }

  /// Adds a sample, unless it is the same reading once more or older than what is there.
  ///
  /// A sample far older than the newest means that the machine's clock was set back: what came
  /// before is on another clock, and goes.
  ///
  /// - Parameters:
  ///   - cores: that the counter can use at most, as far as is known.
  ///   - most: samples that are kept.
  ///   - seconds: for which they are kept.
  package mutating func add(
    _ sample: CPUSample, atMost cores: Double? = nil, keeping most: Int = 64,
    for seconds: Double = longestSeconds
  ) {
    if let newest = doubted ?? samples.last, sample.timestamp <= newest.timestamp {
      guard newest.timestamp.seconds(since: sample.timestamp) > Self.clockSetBackSeconds else {
        return
      }
      (samples, doubted) = ([], nil)
    }
    take(sample, CounterRise(mostCores: cores))
    trim(to: sample, keeping: most, for: seconds)
  }

  private mutating func take(_ sample: CPUSample, _ rise: CounterRise) {
    if let doubted {
      self.doubted = nil
      if let last = samples.last, !rise.isContradicted(doubted, after: last, by: sample) {
        samples.append(doubted)
      }
    }
    if let last = samples.last, sample.cpuNanoseconds < last.cpuNanoseconds,
      let before = samples.dropLast().last, rise.isContradicted(last, after: before, by: sample)
    {
      samples.removeLast()
    }
    if let last = samples.last, !rise.isPlausible(from: last, to: sample) {
      doubted = sample
    } else {
      samples.append(sample)
    }
  }

  private mutating func trim(to sample: CPUSample, keeping most: Int, for seconds: Double) {
    let tooMany = max(0, samples.count - most)
    let tooOld = samples.dropFirst(tooMany).prefix {
      sample.timestamp.seconds(since: $0.timestamp) > seconds
    }.count
    let gone = tooMany + tooOld
    guard gone > 0 else { return }
    // Into as much room as they and the next one need: there are windows by the ten thousand.
    let left = samples.count - gone
    guard samples.capacity > left + 2 else { return samples.removeFirst(gone) }
    var kept: [CPUSample] = []
    kept.reserveCapacity(left + 1)
    kept += samples.dropFirst(gone)
    samples = kept
  }
}
