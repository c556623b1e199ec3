/// Decides what to ask in a reading: events in, questions out.
///
/// Times are durations since any fixed beginning.
struct ReadingPlan: Equatable, Sendable {
  /// The four questions that a reading is made of.
  enum Question: Hashable, Sendable {
    case containers, host, specs, machine
  }

  private let specRefreshInterval: Duration
  private let machineRefreshInterval: Duration
  /// When to ask again; `nil` is at once.
  private var specsDue: Duration?
  private var machineDue: Duration?
  private var listed: Set<String> = []

  init(specRefreshInterval: Duration, machineRefreshInterval: Duration) {
    self.specRefreshInterval = specRefreshInterval
    self.machineRefreshInterval = machineRefreshInterval
  }

  /// A reading begins: what to ask first, all at the same time.
  func begins(at now: Duration) -> Set<Question> {
    isDue(machineDue, now) ? [.containers, .host, .machine] : [.containers, .host]
  }

  /// The containers were listed: what to ask next.
  ///
  /// An id counts as new when the list before did not have it, so that one whose spec never
  /// comes does not cost a question on every reading.
  mutating func lists(_ ids: Set<String>, at now: Duration) -> Set<Question> {
    defer { listed = ids }
    return isDue(specsDue, now) || !ids.isSubset(of: listed) ? [.specs] : []
  }

  /// A question was answered.
  mutating func answers(_ question: Question, at now: Duration) {
    switch question {
    case .specs: specsDue = now + specRefreshInterval
    case .machine: machineDue = now + machineRefreshInterval
    case .containers, .host: break
    }
  }

  /// A question was not answered. After a silence it may be another machine that answers.
  mutating func fails(_ question: Question) {
    switch question {
    case .specs: specsDue = nil
    case .machine, .containers, .host: machineDue = nil
    }
  }

  private func isDue(_ due: Duration?, _ now: Duration) -> Bool {
    due.map { $0 <= now } ?? true
  }
}
