import CheckedJSON

/// One pass over a configuration.
struct ConfigurationReading: CheckedReading {
  let files: ReferencedFiles
  var problems: [Problem] = []

  init(files: ReferencedFiles) { self.files = files }

  mutating func duration(_ node: JSONNode, in range: ClosedRange<Duration>) -> Duration? {
    let bounds = "\(DurationText(range.lowerBound))…\(DurationText(range.upperBound))"
    let allowed = "allowed: \(bounds), written as \(DurationText.form)"
    guard let text = text(node, hint: allowed) else { return nil }
    guard let duration = DurationText(parsing: text)?.duration else {
      report(node.path, "\(QuotedText(text)) is no duration", hint: allowed)
      return nil
    }
    guard range.contains(duration) else {
      let fault = duration < range.lowerBound ? "short" : "long"
      report(node.path, "\(QuotedText(text)) is too \(fault)", hint: allowed)
      return nil
    }
    return duration
  }

  mutating func size(_ node: JSONNode, in range: ClosedRange<Int>) -> Int? {
    let bounds = "\(SizeText(bytes: range.lowerBound))…\(SizeText(bytes: range.upperBound))"
    let allowed = "allowed: \(bounds), written as \(SizeText.form)"
    guard let text = text(node, hint: allowed) else { return nil }
    guard let bytes = SizeText(parsing: text)?.bytes else {
      report(node.path, "\(QuotedText(text)) is no size", hint: allowed)
      return nil
    }
    guard range.contains(bytes) else {
      let fault = bytes < range.lowerBound ? "small" : "large"
      report(node.path, "\(QuotedText(text)) is too \(fault)", hint: allowed)
      return nil
    }
    return bytes
  }
}
