/// A stretch of a run that an event opens, or the start, and that the next event ends.
package struct Phase: Hashable, Sendable {
  /// Shorter ones are not measured: too little is left when the moving window has passed the event.
  package static let leastSeconds = 40.0

  package var fromSeconds: Double
  package var toSeconds: Double
  /// What opened it, in words.
  package var label: String

  package init(fromSeconds: Double, toSeconds: Double, label: String) {
    self.fromSeconds = fromSeconds
    self.toSeconds = toSeconds
    self.label = label
  }

  package var lengthSeconds: Double { toSeconds - fromSeconds }

  /// Where the second half begins, in which what a controller does has had time to settle.
  package var halfSeconds: Double { fromSeconds + lengthSeconds / 2 }
}

extension Scenario {
  /// The phases that are measured, by time.
  ///
  /// An event that comes again sooner than a phase can be measured is a state of the cluster: it
  /// opens one phase when it begins and one when it is over.
  package var phases: [Phase] {
    var openings: [Double: [String]] = [0: []]
    for event in events {
      let label = event.change.label
      guard let repetition = event.repetition else {
        openings[event.atSeconds, default: []].append(label)
        continue
      }
      guard repetition.everySeconds >= Phase.leastSeconds else {
        openings[event.atSeconds, default: []].append("\(label) again and again")
        openings[repetition.untilSeconds, default: []].append("\(label) over")
        continue
      }
      for time in event.times { openings[time, default: []].append(label) }
    }
    let times = openings.keys.filter { (0..<durationSeconds).contains($0) }.sorted()
    return zip(times, times.dropFirst() + [durationSeconds]).compactMap { from, to in
      let labels = openings[from] ?? []
      let phase = Phase(
        fromSeconds: from, toSeconds: to,
        label: labels.isEmpty ? "start" : labels.joined(separator: ", "))
      return phase.lengthSeconds >= Phase.leastSeconds ? phase : nil
    }
  }
}
