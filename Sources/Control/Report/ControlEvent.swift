package import Balancing

/// Something that an operator would want to know, said once when it happens.
///
/// A new kind is a case and its account here, and its row in the daemon's `JournalEvent`.
package enum ControlEvent: Hashable, Sendable {
  case endpointLost(EndpointName, PortFailure)
  case endpointBack(EndpointName)
  case answerIncomplete(EndpointName, part: String, reason: String, count: Int)
  /// It tells of the same machine as another host's endpoint.
  case sameMachine(EndpointName, HostName)
  /// Hosts came or went where they are found and not listed.
  case hostsChanged(String, added: [String], gone: [String], count: Int)
  /// Where hosts are found nothing is told that can be used; those of before are kept.
  case findingFailed(String, String, kept: Int)
  case findingBack(String, count: Int)
  case balancerLost(BalancerName, PortFailure)
  case balancerBack(BalancerName)
  case balancerReloaded(BalancerName)
  case backendMissing(BackendName, BalancerName)
  /// A balancer's old process serves requests that nobody counts.
  case oldProcessServes(BackendName)
  /// Whether `halfway` steers, as sessions last too long for their ends to tell anything.
  case fallsBack(BackendName, isFallingBack: Bool)
  case backendHolds(BackendName, BackendCondition)
  case backendSteers(BackendName)
  case serverHolds(BackendName, ServerName, ServerCondition)
  case serverLive(BackendName, ServerName)
  /// Servers that have no address (any more): placeholders, or what service discovery took away.
  case slotsEmpty(BackendName, count: Int)
  case weightChanged(WeightChange)
  case weightRefused(WeightChange, reply: String)
  case algorithmIsFixed(BackendName, BalancerName, algorithm: String)
  case changedByOthers(BackendName, ServerName, BalancerName, from: Weight, to: Weight)
  case contested(BackendName, ServerName, BalancerName, WeightLedger.Suspect)
  case contestOver(BackendName, ServerName, BalancerName)
  /// Somebody else changed a weight, which is left alone for so long.
  case leftToHand(
    BackendName, ServerName, BalancerName, from: Weight, to: Weight, seconds: Double)
  /// Weights are left as they are, as somebody wanted; until they say otherwise without a time.
  case paused(Brake.Scope, by: String, seconds: Double?, isRestored: Bool)
  /// A pause is over: somebody ended it, or its time did.
  case resumed(Brake.Scope, by: String?)
  case figureDisbelieved(BackendName, ServerName, BalancerName, Disbelief)
}

extension ControlEvent: CustomStringConvertible {
  package var description: String { account.text }
}

extension ControlEvent {
  /// All that is told of it, made in one place for journal, commands and pages alike.
  package var account: Account {
    switch self {
    case .endpointLost(let endpoint, let failure):
      Account(
        "\(failure); its servers hold their weights",
        of: Subjects(endpoint: endpoint), .endpoint)
    case .endpointBack(let endpoint):
      Account("\(endpoint): answers again", of: Subjects(endpoint: endpoint), .endpoint)
    case .answerIncomplete(let endpoint, let part, let reason, let count):
      Account(
        "\(endpoint): its answer is incomplete: \(part): \(reason)"
          + (count > 1 ? " (and \(count - 1) more)" : ""),
        of: Subjects(endpoint: endpoint), .endpoint)
    case .sameMachine(let endpoint, let host):
      Account(
        "\(endpoint): \(SameMachines.sentence(host))", of: Subjects(endpoint: endpoint), .endpoint)
    case .hostsChanged(let origin, let added, let gone, let count):
      Account(
        "\(origin): \(Self.changed(added: added, gone: gone)); \(count) host(s) now",
        of: Subjects(origin: origin), .finding)
    case .findingFailed(let origin, let reason, let kept):
      Account(
        "\(origin): \(reason); "
          + (kept == 0
            ? "no host is known from there yet" : "the \(kept) host(s) of before are kept"),
        of: Subjects(origin: origin), .finding)
    case .findingBack(let origin, let count):
      Account(
        "\(origin): hosts are found again, \(count) now", of: Subjects(origin: origin), .finding)
    case .balancerLost(let balancer, let failure):
      Account(
        "\(failure); its weights stay as they are", of: Subjects(balancer: balancer), .balancer)
    case .balancerBack(let balancer):
      Account("\(balancer): answers again", of: Subjects(balancer: balancer), .balancer)
    case .balancerReloaded(let balancer):
      Account(
        "\(balancer): HAProxy was reloaded or restarted; learned weights are put back",
        of: Subjects(balancer: balancer), .process)
    case .backendMissing(let backend, let balancer):
      Account(
        "\(backend): \(balancer) has no backend of this name; check `name` and `balancers`",
        of: Subjects(backend: backend, balancer: balancer), .section)
    case .oldProcessServes(let backend):
      Account(
        "\(backend): requests cost more since the reload, on one server or all: an old HAProxy process still "
          + "serves some that nobody counts; for ten minutes nothing is learned from that",
        of: Subjects(backend: backend), .backend)
    case .fallsBack(let backend, true):
      Account(
        "\(backend): its sessions last for minutes, so that their ends tell nothing of what they cost: "
          + "half of the way to the mean is gone in each interval (`halfway`) until they end again",
        of: Subjects(backend: backend), .backend)
    case .fallsBack(let backend, false):
      Account(
        "\(backend): its sessions end again: steered by what requests cost",
        of: Subjects(backend: backend), .backend)
    case .backendHolds(let backend, let condition):
      Account(
        "\(backend): all weights held: \(condition)", of: Subjects(backend: backend), .backend,
        Details(reason: "\(condition)"), isUsual: condition.isUsual)
    case .backendSteers(let backend):
      Account("\(backend): steering", of: Subjects(backend: backend), .backend)
    case .serverHolds(let backend, let server, let condition):
      Account(
        "\(backend)/\(server): weight held: \(condition)",
        of: Subjects(backend: backend, server: server), .server,
        Details(reason: "\(condition)"), isUsual: condition.isUsual)
    case .serverLive(let backend, let server):
      Account(
        "\(backend)/\(server): steered again",
        of: Subjects(backend: backend, server: server), .server)
    case .slotsEmpty(let backend, let count):
      Account(
        "\(backend): \(count) servers without an address, left out until they have one",
        of: Subjects(backend: backend), .slots)
    case .weightChanged(let change):
      Account(
        change.description, of: Subjects(change), change.reason.isUsual ? .share : nil,
        Details(change, reason: change.why))
    case .weightRefused(let change, let reply):
      Account(
        "\(change.backend)/\(change.server) on \(change.balancer): HAProxy refused weight "
          + "\(change.new): \(reply)",
        of: Subjects(change), .weight, Details(change, reason: reply))
    case .algorithmIsFixed(let backend, let balancer, let algorithm):
      Account(
        "\(backend) on \(balancer): `balance \(algorithm)` takes no weights while HAProxy runs; "
          + "use roundrobin, random, or `hash-type consistent`; held",
        of: Subjects(backend: backend, balancer: balancer), .section)
    case .changedByOthers(let backend, let server, let balancer, let from, let to):
      Account(
        "\(backend)/\(server) on \(balancer): somebody else changed the weight "
          + "\(from) → \(to); going on from there",
        of: Subjects(backend: backend, server: server, balancer: balancer), .weight,
        Details(old: from, new: to))
    case .contested(let backend, let server, let balancer, let suspect):
      Account(
        "\(backend)/\(server) on \(balancer): somebody else keeps changing this weight "
          + "(\(suspect)); held",
        of: Subjects(backend: backend, server: server, balancer: balancer), .weight,
        Details(reason: "\(suspect)"))
    case .contestOver(let backend, let server, let balancer):
      Account(
        "\(backend)/\(server) on \(balancer): nobody else changes this weight any more",
        of: Subjects(backend: backend, server: server, balancer: balancer), .weight)
    case .leftToHand(let backend, let server, let balancer, let from, let to, let seconds):
      Account(
        "\(backend)/\(server) on \(balancer): somebody else changed the weight \(from) → \(to); left "
          + "alone for \(minutes(seconds)) (`respect`), then steered again",
        of: Subjects(backend: backend, server: server, balancer: balancer), .weight,
        Details(old: from, new: to))
    case .paused(let scope, let by, let seconds, let isRestored):
      Account(
        "\(scope): paused by \(by) "
          + (seconds.map { "for \(minutes($0))" } ?? "until `evenkeel resume`") + "; "
          + (isRestored ? "HAProxy's own weights stand" : "weights stay as they are"),
        of: Subjects(scope), nil, Details(by: by))
    case .resumed(let scope, let by):
      Account(
        "\(scope): the pause is over" + (by.map { ", ended by \($0)" } ?? ""),
        of: Subjects(scope), nil, Details(by: by))
    case .figureDisbelieved(let backend, let server, let balancer, let disbelief):
      Account(
        "\(backend)/\(server) on \(balancer): HAProxy says \(disbelief), which cannot be: not believed; "
          + "it is a known bug of some versions, whose counters go below zero: restart HAProxy, and "
          + "update it",
        of: Subjects(backend: backend, server: server, balancer: balancer), .figures,
        Details(reason: "\(disbelief)"))
    }
  }

  /// More of them make no sentence.
  private static let mostHosts = 8

  private static func changed(added: [String], gone: [String]) -> String {
    func list(_ hosts: [String], _ word: String) -> String? {
      guard !hosts.isEmpty else { return nil }
      let more = hosts.count - mostHosts
      return "\(hosts.prefix(mostHosts).joined(separator: ", "))"
        + (more > 0 ? " and \(more) more" : "") + " \(word)"
    }
    return [list(added, "came"), list(gone, "went")].compactMap(\.self).joined(separator: ", ")
  }
}

extension WeightChange.Reason {
  /// Whether it is what levelling consists of: nobody has to do anything about it.
  fileprivate var isUsual: Bool {
    switch self {
    case .levelling, .standingIn, .relieved, .due, .scale, .clearing, .cleared: true
    case .piling, .young, .failing, .reduction, .restored, .givenBack, .asked: false
    }
  }
}
