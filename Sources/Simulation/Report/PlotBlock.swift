internal import Balancing

/// What a plot shows of one run: no more points than it has pixels.
package struct PlotBlock: Hashable, Sendable {
  /// The most moments that are kept of a run, about one a pixel.
  static let mostMoments = 900

  package var scenario: String
  package var strategy: SimulatedStrategy
  package var seed: UInt64
  var durationSeconds: Double
  var servers: [String]
  /// The balancer whose weights these are.
  var balancer: String
  var moments: [Moment]
  var marks: [Mark]

  struct Moment: Hashable {
    var atSeconds: Double
    /// By server, 0…1, over a moving window; `nil` while it does not serve.
    var utilisation: [Double?]
    /// By server.
    var weights: [Int]
  }

  /// An event, or from its first to its last time if it repeats.
  struct Mark: Hashable {
    var fromSeconds: Double
    var toSeconds: Double
    var label: String
  }

  package init(_ record: RunRecord) {
    let scenario = record.scenario
    self.scenario = scenario.name
    strategy = record.strategy
    seed = record.seed
    durationSeconds = scenario.durationSeconds
    servers = record.servers.map(\.text)
    balancer = scenario.balancers.first?.name.text ?? ""
    marks = scenario.events.map { event in
      Mark(
        fromSeconds: event.atSeconds,
        toSeconds: min(event.repetition?.untilSeconds ?? event.atSeconds, scenario.durationSeconds),
        label: event.change.label)
    }
    let moving = MovingUtilisation(record.seconds)
    let step = max(1, (record.seconds.count + Self.mostMoments - 1) / Self.mostMoments)
    let window = max(step, MovingUtilisation.windowSeconds)
    moments = stride(from: step - 1, to: record.seconds.count, by: step).map { index in
      let second = record.seconds[index]
      let averages = moving.averages(over: max(0, index - window + 1)..<(index + 1))
      return Moment(
        atSeconds: Double(index + 1),
        utilisation: zip(averages, second.isServing).map { $1 ? $0 : nil },
        weights: second.weights)
    }
  }
}
