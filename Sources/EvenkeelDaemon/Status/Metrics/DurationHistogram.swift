/// How long ticks took, as Prometheus counts it: each bucket has all that took no longer.
package struct DurationHistogram: Sendable {
  /// In seconds. A tick of a healthy fleet takes some hundredths; the deadlines end it at some tens.
  package static let bounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

  package private(set) var counts = [Int](repeating: 0, count: bounds.count)
  package private(set) var count = 0
  package private(set) var sumSeconds = 0.0

  package init() {}

  package mutating func observe(_ seconds: Double) {
    count += 1
    sumSeconds += seconds
    for (index, bound) in Self.bounds.enumerated() where seconds <= bound { counts[index] += 1 }
  }
}
