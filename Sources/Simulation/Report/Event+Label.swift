internal import Control

extension Event.Change {
  /// What changes, in a few words.
  package var label: String {
    switch self {
    case .demand(let factor, let seconds):
      "demand ×\(brief(factor))" + (seconds > 0 ? " in \(brief(seconds)) s" : "")
    case .cost(let factor): "cost ×\(brief(factor))"
    case .failFast(let part): "\(percent(part)) fail fast"
    case .reload(let balancer): "reload \(balancer)"
    case .server(let name, let change):
      "\(name) \(change.words.joined(separator: ", "))"
    case .host(let name, let change):
      "\(name) \(change.words.joined(separator: ", "))"
    }
  }
}

extension Event.ServerChange {
  fileprivate var words: [String] {
    [
      state?.rawValue,
      restarts ? "restarts" : nil,
      costFactor.map { "cost ×\(brief($0))" },
      quotaCores.map { "quota \(brief($0))" },
      ioSeconds.map { "io \(brief($0)) s" },
      baseCores.map { "base \(brief($0))" },
      failFast.map { "\(percent($0)) fail fast" },
      setWeight.map { "weight \($0) by hand" },
    ].compactMap { $0 }
  }
}

extension Event.HostChange {
  fileprivate var words: [String] {
    [
      neighbourCores.map { "neighbour \(brief($0))" },
      cadvisorAnswers.map { "cAdvisor \($0 ? "up" : "down")" },
      lagSeconds.map { "lag \(brief($0)) s" },
    ].compactMap { $0 }
  }
}

private func percent(_ part: Double) -> String { "\(brief(part * 100)) %" }

/// A number with two decimals at most.
private func brief(_ number: Double) -> String {
  let text = decimal(number, 2)
  guard text.contains(".") else { return text }
  let shortened = String(text.reversed().drop { $0 == "0" }.reversed())
  return shortened.hasSuffix(".") ? String(shortened.dropLast()) : shortened
}
