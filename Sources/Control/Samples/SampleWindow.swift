package import Balancing

/// The newest samples of one counter, oldest first, bounded in number and in age.
package struct SampleWindow: Codable, Hashable, Sendable {
  private static let mostSamples = 64
  private static let longestSeconds = 240.0
  private static let clockSetBackSeconds = 60.0

  package private(set) var samples: [CPUSample] = []

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
  package mutating func add(_ sample: CPUSample) {
    if let newest = samples.last, sample.timestamp <= newest.timestamp {
      guard newest.timestamp.seconds(since: sample.timestamp) > Self.clockSetBackSeconds else {
        return
      }
      samples.removeAll()
    }
    samples.append(sample)
    if samples.count > Self.mostSamples {
      samples.removeFirst(samples.count - Self.mostSamples)
    }
    let tooOld = samples.prefix {
      sample.timestamp.seconds(since: $0.timestamp) > Self.longestSeconds
    }
    samples.removeFirst(tooOld.count)
  }
}
