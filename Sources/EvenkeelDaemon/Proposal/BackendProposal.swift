package import Balancing
package import Control

/// How the servers of one backend are best told their containers.
package struct BackendProposal: Sendable {
  package typealias Server = (name: ServerName, address: String?)

  package let name: BackendName
  package let balancers: [BalancerName]
  package let rule: Rule
  package let matches: [ServerName: Match]

  /// The keys of the configuration that say it; those that are `nil` are left out.
  package struct Rule: Hashable, Sendable {
    package var pattern: String?
    package var label: String?
    package var server: String?
    package var matchesByAddress = false
  }

  /// Servers that have a container by it.
  package var matchedCount: Int { matches.values.count { $0.container != nil } }

  /// Tries the rules, the simplest first, and takes the first of those that match the most.
  package init(
    name: BackendName, balancers: [BalancerName], servers: [Server],
    hosts: [HostName: HostTrack]
  ) {
    self.name = name
    self.balancers = balancers
    var best = (rule: Rule(), matches: Self.match(servers, by: Rule(), in: hosts), count: -1)
    for rule in Self.candidates(servers, hosts) {
      let matches = Self.match(servers, by: rule, in: hosts)
      let count = matches.values.count { $0.container != nil }
      if count > best.count { best = (rule, matches, count) }
    }
    let narrowed = Self.narrowed(best.rule, best.matches, servers, hosts)
    rule = narrowed.rule
    matches = narrowed.matches
  }

  /// - Returns: no match at all for a rule that the configuration would refuse.
  private static func match(
    _ servers: [Server], by rule: Rule, in hosts: [HostName: HostTrack]
  ) -> [ServerName: Match] {
    guard let pattern = try? PCREPattern(rule.pattern ?? ".*") else { return [:] }
    let template = rule.server.flatMap {
      try? ServerTemplate(parsing: $0, groupCount: pattern.groupCount)
    }
    return Matcher(
      MatchingRules(
        pattern: pattern, label: rule.label, template: template,
        byAddress: rule.matchesByAddress)
    ).match(servers, in: hosts)
  }

  /// Equal names, a label that holds servers' names, then what tells the one container of each host.
  private static func candidates(
    _ servers: [Server], _ hosts: [HostName: HostTrack]
  ) -> [Rule] {
    let containers = hosts.values.flatMap(\.containers.values)
    let names = Set(servers.map(\.name.text))
    let labels = Set(
      containers.flatMap { $0.identity.labels.filter { names.contains($0.value) }.keys })
    let aliases = Set(containers.compactMap(\.identity.aliases.first)).sorted()
    let patterns = aliases.prefix(mostPatterns).map(escaped)
    return [Rule()] + labels.sorted().map { Rule(label: $0) }
      + [Rule(matchesByAddress: true)]
      + patterns.map { Rule(pattern: $0, matchesByAddress: true) }
      + patterns.map { Rule(pattern: $0, server: "{host}") }
  }

  /// Bounds the work where hosts run very many kinds of containers.
  private static let mostPatterns = 200

  /// With a pattern for what the names have in common, where that leaves every match as it is.
  private static func narrowed(
    _ rule: Rule, _ matches: [ServerName: Match], _ servers: [Server],
    _ hosts: [HostName: HostTrack]
  ) -> (rule: Rule, matches: [ServerName: Match]) {
    let aliases = matches.values.compactMap(\.container?.alias)
    let start = commonStart(of: aliases)
    guard rule == Rule(), aliases.count >= 2, start.count >= 2 else { return (rule, matches) }
    var narrow = rule
    narrow.pattern = escaped(start) + ".*"
    let found = match(servers, by: narrow, in: hosts)
    return found == matches ? (narrow, found) : (rule, matches)
  }

  private static func commonStart(of texts: [String]) -> String {
    guard let first = texts.min(), let last = texts.max() else { return "" }
    let start = zip(first, last).prefix { $0 == $1 }.map(\.0)
    // `api-1` and `api-12` have `api-` in common, as a person sees it.
    return String(String(start).reversed().drop(while: \.isNumber).reversed())
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
      if "\\^$.|?*+()[]{}".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
  }
}
