/// Metrics in Prometheus' text format, version 0.0.4, which OpenMetrics' readers take as well.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
struct MetricsText {
  enum Kind: String {
    case gauge, counter, histogram
  }

  private(set) var text = ""

  /// Writes a family: its help and type, and a line for each value that is known.
  mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]
  ) {
    begin(name, kind, help)
    for sample in samples { line(name, sample) }
  }

  mutating func family(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
    family(name, kind, help, [Sample([], value)])
  }

  mutating func histogram(_ name: String, _ help: String, _ histogram: DurationHistogram) {
    begin(name, .histogram, help)
    for (bound, count) in zip(DurationHistogram.bounds, histogram.counts) {
      line("\(name)_bucket", Sample([("le", number(bound))], Double(count)))
    }
    line("\(name)_bucket", Sample([("le", "+Inf")], Double(histogram.count)))
    line("\(name)_sum", Sample([], histogram.sumSeconds))
    line("\(name)_count", Sample([], Double(histogram.count)))
  }

  struct Sample {
    var labels: [(name: String, value: String)]
    /// What is not known is not written.
    var value: Double?

    init(_ labels: [(name: String, value: String)], _ value: Double?) {
      self.labels = labels
      self.value = value
    }

    init(_ labels: [(name: String, value: String)], _ isTrue: Bool) {
      self.init(labels, isTrue ? 1 : 0)
    }
  }

  private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  private mutating func line(_ name: String, _ sample: Sample) {
    guard let value = sample.value else { return }
    text += name
    if !sample.labels.isEmpty {
      let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
      text += "{" + labels.joined(separator: ",") + "}"
    }
    text += " " + number(value) + "\n"
  }

  private func number(_ value: Double) -> String {
    if let whole = Int64(exactly: value) { return "\(whole)" }
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return "\(value)"
  }

  private static func escaped(_ value: String) -> String {
    var escaped = ""
    for character in value.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
