internal import Balancing

/// Which containers a backend's servers are, found anew only where something may have changed.
struct KeptMatches: Sendable {
  private struct Question: Hashable {
    var inventoryVersion: Int
    var names: [ServerName]
    var addresses: [String?]
    var isAwaiting: Bool
  }

  private var answered: Question?
  private var matcher: Matcher?
  private(set) var matches: [ServerName: Match] = [:]

  /// - Parameter isAwaiting: whether a host that may tell addresses has yet to answer.
  /// - Returns: whether they were found anew.
  mutating func update(
    _ servers: BackendServers, by rules: MatchingRules, in samples: SampleView, isAwaiting: Bool,
    at now: Timestamp
  ) -> Bool {
    let question = Question(
      inventoryVersion: samples.inventoryVersion, names: servers.servers.map(\.name),
      addresses: servers.servers.map(\.address), isAwaiting: isAwaiting)
    if question == answered, matcher?.wantsAnotherLook(in: samples, at: now) != true {
      return false
    }
    var matcher = matcher ?? Matcher(rules)
    matches = matcher.match(
      Array(zip(question.names, question.addresses)), in: samples, isAwaiting: isAwaiting, at: now)
    (self.matcher, answered) = (matcher, question)
    return true
  }
}
