internal import Balancing
internal import CheckedJSON
internal import Control

/// Why servers found no container, as far as the names tell: what would have fit, and what is left.
struct NearMisses {
  private let free: [ContainerKey]
  private let rules: MatchingRules
  private let patternFitsNone: Bool

  /// - Parameter taken: the containers that are some server's.
  init(_ samples: SampleView, except taken: Set<ContainerKey>, _ rules: MatchingRules) {
    self.rules = rules
    var free: [ContainerKey] = []
    var patternFitsNone = true
    for (host, track) in samples.hosts where samples.sameMachines.used[host] == nil {
      for (id, container) in track.containers where container.twin == nil {
        if container.identity.aliases.contains(where: {
          rules.pattern.groups(atStartOf: $0) != nil
        }) {
          patternFitsNone = false
        }
        let key = ContainerKey(host: host, id: id, alias: container.identity.aliases.first ?? id)
        if !taken.contains(key) { free.append(key) }
      }
    }
    self.free = free.sorted()
    self.patternFitsNone = patternFitsNone && !free.isEmpty
  }

  /// Containers that no server has, by host.
  var containers: [CheckReport.Container] {
    free.map { CheckReport.Container(container: $0.alias, host: $0.host.text) }
  }

  /// What is said of a backend some of whose servers have none.
  ///
  /// - Parameter unmatched: these servers, with what the matcher says of each.
  func sentences(_ unmatched: [(name: ServerName, match: Match)]) -> [String] {
    guard !unmatched.isEmpty else { return [] }
    var sentences: [String] = []
    if patternFitsNone {
      sentences.append("`pattern` \(QuotedText(rules.pattern.source)) fits no container's name")
    }
    let near = unmatched.compactMap { server, match -> String? in
      if case .near(let key) = match { return "\(server): \(key)" }
      let aliases = free.map(\.alias)
      guard let nearest = NearestText.nearest(to: server.text, among: aliases),
        let key = free.first(where: { $0.alias == nearest })
      else { return nil }
      return "\(server): \(key)"
    }
    if !near.isEmpty {
      sentences.append(
        "near misses: \(NamesText.few(near)): let `pattern` and `server` allow for such names, or use "
          + "`label`")
    }
    if !free.isEmpty {
      let hosts = Set(free.map(\.host)).sorted()
      let lists = hosts.map { host in
        NamesText.few(free.filter { $0.host == host }.map(\.alias)) + " on \(host)"
      }
      sentences.append("containers without a server: \(NamesText.few(lists))")
    }
    return sentences
  }
}
