package import Balancing

/// The sentences, made in one place for journal, commands and pages alike.
extension ControlEvent: CustomStringConvertible {
  package var description: String {
    switch self {
    case .endpointLost(_, let failure):
      "\(failure); its servers hold their weights"
    case .endpointBack(let endpoint):
      "\(endpoint): answers again"
    case .hostsChanged(let origin, let added, let gone, let count):
      "\(origin): \(Self.changed(added: added, gone: gone)); \(count) host(s) now"
    case .findingFailed(let origin, let reason, let kept):
      "\(origin): \(reason); "
        + (kept == 0 ? "no host is known from there yet" : "the \(kept) host(s) of before are kept")
    case .findingBack(let origin, let count):
      "\(origin): hosts are found again, \(count) now"
    case .answerIncomplete(let endpoint, let part, let reason, let count):
      "\(endpoint): its answer is incomplete: \(part): \(reason)"
        + (count > 1 ? " (and \(count - 1) more)" : "")
    case .sameMachine(let endpoint, let host):
      "\(endpoint): \(SameMachines.sentence(host))"
    case .balancerLost(_, let failure):
      "\(failure); its weights stay as they are"
    case .balancerBack(let balancer):
      "\(balancer): answers again"
    case .balancerReloaded(let balancer):
      "\(balancer): HAProxy was reloaded or restarted; learned weights are put back"
    case .backendMissing(let backend, let balancer):
      "\(backend): \(balancer) has no backend of this name; check `name` and `balancers`"
    case .oldProcessServes(let backend):
      "\(backend): requests cost more since the reload, on one server or all: an old HAProxy process still "
        + "serves some that nobody counts; for ten minutes nothing is learned from that"
    case .fallsBack(let backend, true):
      "\(backend): its sessions last for minutes, so that their ends tell nothing of what they cost: "
        + "half of the way to the mean is gone in each interval (`halfway`) until they end again"
    case .fallsBack(let backend, false):
      "\(backend): its sessions end again: steered by what requests cost"
    case .backendHolds(let backend, let condition):
      "\(backend): all weights held: \(condition)"
    case .backendSteers(let backend):
      "\(backend): steering"
    case .serverHolds(let backend, let server, let condition):
      "\(backend)/\(server): weight held: \(condition)"
    case .serverLive(let backend, let server):
      "\(backend)/\(server): steered again"
    case .slotsEmpty(let backend, let count):
      "\(backend): \(count) servers without an address, left out until they have one"
    case .weightChanged(let change):
      change.description
    case .weightRefused(let change, let reply):
      "\(change.backend)/\(change.server) on \(change.balancer): HAProxy refused weight "
        + "\(change.new): \(reply)"
    case .algorithmIsFixed(let backend, let balancer, let algorithm):
      "\(backend) on \(balancer): `balance \(algorithm)` takes no weights while HAProxy runs; "
        + "use roundrobin, random, or `hash-type consistent`; held"
    case .changedByOthers(let backend, let server, let balancer, let from, let to):
      "\(backend)/\(server) on \(balancer): somebody else changed the weight "
        + "\(from) → \(to); going on from there"
    case .contested(let backend, let server, let balancer, let suspect):
      "\(backend)/\(server) on \(balancer): somebody else keeps changing this weight "
        + "(\(suspect)); held"
    case .figureDisbelieved(let backend, let server, let balancer, let disbelief):
      "\(backend)/\(server) on \(balancer): HAProxy says \(disbelief), which cannot be: not believed; "
        + "it is a known bug of some versions, whose counters go below zero: restart HAProxy, and "
        + "update it"
    case .contestOver(let backend, let server, let balancer):
      "\(backend)/\(server) on \(balancer): nobody else changes this weight any more"
    case .leftToHand(let backend, let server, let balancer, let from, let to, let seconds):
      "\(backend)/\(server) on \(balancer): somebody else changed the weight \(from) → \(to); left "
        + "alone for \(minutes(seconds)) (`respect`), then steered again"
    case .paused(let scope, let by, let seconds, let isRestored):
      "\(scope): paused by \(by) "
        + (seconds.map { "for \(minutes($0))" } ?? "until `evenkeel resume`") + "; "
        + (isRestored ? "HAProxy's own weights stand" : "weights stay as they are")
    case .resumed(let scope, let by):
      "\(scope): the pause is over" + (by.map { ", ended by \($0)" } ?? "")
    }
  }
}

/// A time in minutes, or in seconds where it is short.
private func minutes(_ seconds: Double) -> String {
  seconds < 120 ? "\(decimal(seconds, 0)) s" : "\(decimal(seconds / 60, 0)) min"
}

extension WeightLedger.Suspect: CustomStringConvertible {
  package var description: String {
    switch self {
    case .agentCheck:
      "probably its agent-check: let the agent report no percentage, or remove `agent-check`"
    case .srvRecord:
      "DNS SRV records: add `resolve-opts ignore-weight` to its server line"
    case .somebodyElse:
      "an operator, or another evenkeel"
    }
  }
}

extension Utilisation: CustomStringConvertible {
  package var description: String {
    switch limit {
    case .quota: "\(decimal(value, 2)) of its quota"
    case .host: "\(decimal(value, 2)) of its host"
    case .seen: "\(decimal(value, 2)) of what it was seen to do"
    }
  }
}

extension BackendCondition: CustomStringConvertible {
  package var description: String {
    switch self {
    case .steering: "steering"
    case .unreadable: "no balancer that has it could be read"
    case .algorithmIsFixed: "its balance algorithm takes no weights"
    case .holding(.learning): "learning what a request costs"
    case .holding(.tooLittleFreshData(let fresh, let up)):
      "only \(fresh) of \(up) servers that are up have fresh data"
    case .holding(.idle): "no requests arrive"
    case .holding(.nothingToLevel): "there are not two servers to level"
    case .holding(.countersMissing): "a balancer's request counters could not be read"
    case .holding(.awaitingSamplesSinceWrite): "waiting for samples since the last change"
    case .holding(.trafficIgnoresWeights(let astray)): astray.description
    }
  }
}

extension ServerCondition: CustomStringConvertible {
  package var description: String {
    switch self {
    case .live: "live"
    case .held(let hold): hold.description
    case .unmatched(let match): match.description
    case .hostsUnread: "no container fits on the hosts that have answered so far"
    case .unmeasured(let flaw): flaw
    case .contested(let suspect): "contested: \(suspect)"
    case .paused: "paused"
    case .configured: "left alone by the configuration (`hold`)"
    case .setByHand(let seconds):
      "set by somebody else, and left alone for another \(minutes(seconds)) (`respect`)"
    }
  }
}

extension ServerHold: CustomStringConvertible {
  package var description: String {
    switch self {
    case .state(let state): state.description
    case .noContainer: "no container matched"
    case .stale(let age?): "its last sample is \(decimal(age, 0)) s old"
    case .stale(nil): "no sample of its container"
    case .noRate: "only one sample of its container so far"
    case .sampleBeforeLastWrite: "its sample began before the last change"
    case .doubted(let doubt): doubt.description
    case .external: "held"
    }
  }
}

extension Doubt: CustomStringConvertible {
  package var description: String {
    switch self {
    case .standsStill:
      "its CPU counter stands still while it answers; restart its source (cAdvisor), or the container"
    case .tooCheap(let part, let reference):
      "it answers at \(decimal(part * 100, 1)) % of "
        + (reference == .past ? "its own usual cost" : "its peers' cost")
        + ": believed if its counter follows its requests for five minutes; is this its container?"
    case .unconfirmed, .dearer:
      "its cost is far off in one window, which the next has yet to confirm"
    case .uncounted: "it is dearer since the reload, as an old process may serve there uncounted"
    case .hostNotBelieved: "it has no quota, and its host's CPU counter is not believed"
    }
  }
}

extension HostDoubt: CustomStringConvertible {
  package var description: String {
    switch self {
    case .lessThanItsContainers:
      "its own CPU counter shows less than its containers use, and is left out; restart its source"
    case .moreThanItHas(let cores):
      "\(decimal(cores, 1)) cores are in use by its CPU counter, more than it has; its own load is left "
        + "out (does cAdvisor see the CPUs of a container or VM and the usage of the machine?)"
    }
  }
}

extension Astray: CustomStringConvertible {
  package var description: String {
    "requests do not follow the weights (\(server) gets \(decimal(seen * 100, 0)) % and should get "
      + "\(decimal(wanted * 100, 0)) %): cookies, stick tables, long sessions or an old process; "
      + "written once in ten minutes at most"
  }
}

extension ServerState: CustomStringConvertible {
  package var description: String {
    switch self {
    case .up: "up"
    case .ramping: "ramping up under HAProxy's slowstart"
    case .drain: "draining"
    case .maintenance: "in maintenance"
    case .down: "down"
    case .unresolved: "without an address"
    case .backup: "a backup server"
    case .zeroWeight: "weight 0 that evenkeel did not set"
    }
  }
}

extension Match: CustomStringConvertible {
  package var description: String {
    switch self {
    case .container(let key, let rule): "\(key) by \(rule.rawValue)"
    case .none: "no container fits; check `pattern`, `server`, `label`, `match`"
    case .near(let key):
      "no container fits; \(key) nearly does: let `pattern` allow for all of its name, or use `label`"
    case .ambiguous(let keys, let rule): Self.ambiguous(keys, rule)
    case .shared(let key, let other):
      "\(key) is also the container of \(other), so its load cannot be told apart"
    }
  }

  private static func ambiguous(_ keys: [ContainerKey], _ rule: Rule) -> String {
    if keys.count == 1, let only = keys.first {
      return "\(only) has its address, and so may a container of a host that has not answered yet"
    }
    if let first = keys.first,
      keys.allSatisfy({ ($0.host, $0.alias) == (first.host, first.alias) })
    {
      return "\(keys.count) containers are called \(first); cAdvisor does not notice renames: "
        + "restart it, or use `label`"
    }
    let names = keys.prefix(3).map(\.description).joined(separator: ", ")
    let cure =
      switch rule {
      case .label: "let only one have the label"
      case .address: "let `pattern` fit only one of them, or use `label` or `server`"
      case .template, .alias: "make the names unique, or use `server` with {host}"
      }
    return "\(keys.count) containers fit by \(rule.rawValue) (\(names)); \(cure)"
  }
}

extension ContainerKey: CustomStringConvertible {
  package var description: String { "\(alias) on \(host)" }
}

extension ControlEvent {
  /// More of them make no sentence.
  private static let mostHosts = 8

  fileprivate static func changed(added: [String], gone: [String]) -> String {
    func list(_ hosts: [String], _ word: String) -> String? {
      guard !hosts.isEmpty else { return nil }
      let more = hosts.count - mostHosts
      return "\(hosts.prefix(mostHosts).joined(separator: ", "))"
        + (more > 0 ? " and \(more) more" : "") + " \(word)"
    }
    return [list(added, "came"), list(gone, "went")].compactMap(\.self).joined(separator: ", ")
  }
}
