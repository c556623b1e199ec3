import Balancing
import CheckedJSON

/// What happens.
extension ScenarioReading {
  private typealias Keys = ScenarioKeys.Event

  /// Whether a cAdvisor answers.
  private enum Answering: String, CaseIterable {
    case up, down
  }

  /// Whether a daemon and its peers hear each other.
  private enum Hearing: String, CaseIterable {
    case cut, heard
  }

  /// - Returns: the events in the order of time; those of the same time in that of the file.
  mutating func events(_ node: JSONNode, within duration: Double) -> [Event] {
    let nodes = list(node, count: 0...ScenarioLimits.events) ?? []
    let events = nodes.compactMap { readEvent($0, within: duration) }
    let count = events.reduce(0) { $0 + $1.count }
    guard count <= ScenarioLimits.events else {
      report(
        node.path, "are \(count) with their repetitions",
        hint: "allowed: up to \(ScenarioLimits.events)")
      return []
    }
    return events.enumerated().sorted {
      ($0.element.atSeconds, $0.offset) < ($1.element.atSeconds, $1.offset)
    }.map(\.element)
  }

  private mutating func readEvent(_ node: JSONNode, within duration: Double) -> Event? {
    guard let object = object(node, of: Keys.self) else { return nil }
    let at = required(.at, of: object).flatMap { number($0, in: 0...duration) }
    let repetition = repetition(object, within: (at ?? 0)...duration)
    guard let subject = subject(of: object) else { return nil }
    let change = change(of: subject, in: object)
    guard let at, let change else { return nil }
    var event = Event(atSeconds: at, change)
    event.repetition = repetition
    return event
  }

  private mutating func repetition(
    _ object: JSONObject<Keys>, within times: ClosedRange<Double>
  ) -> Event.Repetition? {
    let every = object[.every].flatMap { number($0, in: ScenarioLimits.every) }
    let until = object[.until].flatMap { number($0, in: times) }
    if object[.until] != nil, object[.every] == nil {
      report(object.path(of: .until), "has no use without `every`")
    }
    return every.map {
      Event.Repetition(everySeconds: $0, untilSeconds: until ?? times.upperBound)
    }
  }

  /// Finds what an event is about, and reports keys that have nothing to do with it.
  private mutating func subject(of object: JSONObject<Keys>) -> EventSubject? {
    let present = Keys.allCases.filter { object[$0] != nil && !$0.subjects.isEmpty }
    // Beside a server `fail_fast` is the server's.
    let subjects = EventSubject.allCases.filter {
      object[$0.key] != nil && !($0 == .failFast && object[.server] != nil)
    }
    guard subjects.count <= 1 else {
      report(
        object.path, "says more than one thing: \(Self.words(subjects))",
        hint: "write an event for each")
      return nil
    }
    guard let subject = subjects.first else {
      for key in present {
        report(object.path(of: key), "has no use without `\(Self.words(key.subjects))`")
      }
      if present.isEmpty {
        report(
          object.path, "does not say what changes",
          hint: "write one of \(Self.words(EventSubject.allCases))")
      }
      return nil
    }
    for key in present where !key.subjects.contains(subject) {
      report(
        object.path(of: key), "does not go with `\(subject.rawValue)`",
        hint: "it goes with `\(Self.words(key.subjects))`")
    }
    return subject
  }

  private mutating func change(
    of subject: EventSubject, in object: JSONObject<Keys>
  ) -> Event.Change? {
    switch subject {
    case .server:
      let name = object[.server].flatMap { reference($0, to: serverNames) }
      let change = serverChange(in: object)
      return name.map { .server(ServerName($0), change) }
    case .host:
      let name = object[.host].flatMap { reference($0, to: hostNames) }
      let change = hostChange(in: object)
      return name.map { .host(HostName($0), change) }
    case .demand:
      let factor = object[.demand].flatMap { number($0, in: ScenarioLimits.demandFactor) }
      var seconds = 0.0
      read(object[.over], in: ScenarioLimits.over, into: &seconds)
      return factor.map { .demand(factor: $0, overSeconds: seconds) }
    case .cost:
      let factor = object[.cost].flatMap { number($0, in: ScenarioLimits.costFactor) }
      return factor.map { .cost(factor: $0) }
    case .reload:
      let name = object[.reload].flatMap { reference($0, to: balancerNames) }
      let restores = flag(.restored, of: object, without: "counters that begin anew")
      return name.map { .reload(BalancerName($0), restoresCounters: restores) }
    case .balancer:
      let name = object[.balancer].flatMap { reference($0, to: balancerNames) }
      requireChange(of: .balancer, in: object)
      let share = object[.share].flatMap { number($0, in: ScenarioLimits.share) }
      guard let name, let share else { return nil }
      return .share(BalancerName(name), share)
    case .daemon:
      let name = object[.daemon].flatMap { reference($0, to: balancerNames) }
      requireChange(of: .daemon, in: object)
      var change = Event.DaemonChange()
      change.restarts = flag(.restart, of: object, without: "no restart")
      change.isCut = object[.peers].flatMap { choice($0, of: Hearing.self) }.map { $0 == .cut }
      read(object[.toldLate], in: ScenarioLimits.toldLate, into: &change.toldLateSeconds)
      return name.map { .daemon(BalancerName($0), change) }
    case .slice:
      let name = object[.slice].flatMap { reference($0, to: sliceNames) }
      requireChange(of: .slice, in: object)
      let quota = object[.quota].flatMap { number($0, in: ScenarioLimits.cores) }
      guard let name, let quota else { return nil }
      return .slice(SliceName(name), quotaCores: quota)
    case .failFast:
      let part = object[.failFast].flatMap { number($0, in: ScenarioLimits.part) }
      return part.map { .failFast($0) }
    }
  }

  private mutating func serverChange(in object: JSONObject<Keys>) -> Event.ServerChange {
    requireChange(of: .server, in: object)
    var change = Event.ServerChange()
    change.state = object[.state].flatMap { choice($0) }
    change.restarts = flag(.restart, of: object, without: "no restart")
    read(object[.costFactor], in: ScenarioLimits.costFactor, into: &change.costFactor)
    read(object[.quota], in: ScenarioLimits.cores, into: &change.quotaCores)
    read(object[.io], in: ScenarioLimits.io, into: &change.ioSeconds)
    read(object[.baseCPU], in: ScenarioLimits.usedCores, into: &change.baseCores)
    read(object[.failFast], in: ScenarioLimits.part, into: &change.failFast)
    change.setWeight = object[.setWeight].flatMap { weight($0) }
    change.resetsCounters = flag(.resetCounters, of: object, without: "no reset")
    let inFlight = object[.inFlight].flatMap { number($0, in: ScenarioLimits.inFlight) }
    let details = faultDetails(in: object, lastingKeys: [.inFlight])
    change.inFlight = inFlight.map { Event.GaugeChange($0, seconds: details.seconds) }
    change.counter = counterChange(.counter, in: object, details)
    return change
  }

  /// Reads a key that is true or absent.
  ///
  /// - Parameter outcome: what stands without it.
  private mutating func flag(
    _ key: Keys, of object: JSONObject<Keys>, without outcome: String
  ) -> Bool {
    guard let node = object[key], let value = boolean(node) else { return false }
    if !value { report(node.path, "must be true", hint: "leave it out for \(outcome)") }
    return value
  }

  private mutating func hostChange(in object: JSONObject<Keys>) -> Event.HostChange {
    requireChange(of: .host, in: object)
    var change = Event.HostChange()
    read(object[.neighbour], in: ScenarioLimits.usedCores, into: &change.neighbourCores)
    change.cadvisorAnswers = object[.cadvisor].flatMap { choice($0, of: Answering.self) }
      .map { $0 == .up }
    read(object[.lag], in: ScenarioLimits.lag, into: &change.lagSeconds)
    let details = faultDetails(in: object, lastingKeys: [])
    change.counters = counterChange(.counter, in: object, details)
    change.machineCounter = counterChange(.machineCounter, in: object, details)
    return change
  }

  private mutating func requireChange(of subject: EventSubject, in object: JSONObject<Keys>) {
    let changes = Keys.allCases.filter {
      $0 != subject.key && !$0.isDetail && $0.subjects.contains(subject)
    }
    guard changes.allSatisfy({ object[$0] == nil }) else { return }
    report(
      object.path, "changes nothing of the \(subject.rawValue)",
      hint: "allowed: \(changes.map(\.rawValue).joined(separator: ", "))")
  }

  private static func words(_ subjects: [EventSubject]) -> String {
    subjects.map(\.rawValue).joined(separator: ", ")
  }
}
