internal import Control

extension Event.Change {
  /// What changes, in a few words.
  package var label: String {
    switch self {
    case .demand(let factor, let seconds):
      "demand ×\(brief(factor))" + (seconds > 0 ? " in \(brief(seconds)) s" : "")
    case .cost(let factor): "cost ×\(brief(factor))"
    case .failFast(let part): "\(percent(part)) fail fast"
    case .reload(let balancer, let restoresCounters):
      "reload \(balancer)" + (restoresCounters ? ", counters restored" : "")
    case .share(let balancer, let share): "\(balancer) share \(brief(share))"
    case .slice(let name, let quota): "\(name) quota \(brief(quota))"
    case .server(let name, let change):
      "\(name) \(change.words.joined(separator: ", "))"
    case .host(let name, let change):
      "\(name) \(change.words.joined(separator: ", "))"
    case .daemon(let balancer, let change):
      "\(balancer)'s daemon \(change.words.joined(separator: ", "))"
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
      counter.map { "CPU \($0.words)" },
      resetsCounters ? "counters reset" : nil,
      inFlight.map { "shows \(brief($0.value)) in flight" },
    ].compactMap { $0 }
  }
}

extension Event.HostChange {
  fileprivate var words: [String] {
    [
      neighbourCores.map { "neighbour \(brief($0))" },
      cadvisorAnswers.map { "cAdvisor \($0 ? "up" : "down")" },
      lagSeconds.map { "lag \(brief($0)) s" },
      counters.map { "containers' CPU \($0.words)" },
      machineCounter.map { "machine's CPU \($0.words)" },
    ].compactMap { $0 }
  }
}

extension Event.DaemonChange {
  fileprivate var words: [String] {
    [
      restarts ? "restarts" : nil,
      isCut.map { $0 ? "cut off" : "heard" },
      toldLateSeconds.map { "tells \(brief($0)) s late" },
    ].compactMap { $0 }
  }
}

extension Event.CounterChange {
  fileprivate var words: String {
    let kind =
      switch fault {
      case nil: "right"
      case .frozen: "frozen"
      case .zero: "zero"
      case .missing: "missing"
      case .slow(let part): "slow (\(percent(part)))"
      case .spike(let excess): "spike (\(brief(excess)) s)"
      case .fall: "fall"
      }
    return kind + (seconds.map { " for \(brief($0)) s" } ?? "")
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
