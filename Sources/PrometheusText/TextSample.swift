/// One line of a page of metrics: a series, its value, and when that was read where it is told.
package struct TextSample: Equatable, Sendable {
  package var name: String
  /// Those that were asked for and are there; an empty one is as good as none.
  package var labels: [String: String]
  package var value: Double
  /// Since 1970; `nil` where the page says nothing, and means now.
  package var timestampNanoseconds: Int64?

  package init(
    name: String, labels: [String: String] = [:], value: Double, timestampNanoseconds: Int64? = nil
  ) {
    self.name = name
    self.labels = labels
    self.value = value
    self.timestampNanoseconds = timestampNanoseconds
  }
}

/// A page that is not one of metrics, or ends too early.
package struct MalformedText: Error, Equatable, Sendable {
  /// What is wrong, in words; bounded, and of what was sent no more than the beginning of a line.
  package let detail: String
}

extension MalformedText: CustomStringConvertible {
  package var description: String { detail }
}
