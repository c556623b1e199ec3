internal import Balancing
internal import CheckedJSON

extension ScenarioFile {
  /// A scenario as a file, with a line for each thing of a list; what is as by default is left out.
  ///
  /// Read again it is the same scenario.
  package static func text(of scenario: Scenario) -> String {
    var file = ObjectText<ScenarioKeys.File>()
    file.add(.name, text: scenario.name)
    if !scenario.description.isEmpty { file.add(.description, text: scenario.description) }
    file.add(.seed, Double(scenario.seed), unless: 1)
    file.add(.duration, scenario.durationSeconds)
    file.add(.interval, scenario.intervalSeconds, unless: 10)
    file.add(.daemons, scenario.daemons, unless: .one)
    if scenario.balancers != [BalancerModel()] {
      file.add(.balancers, lines: scenario.balancers.map(text))
    }
    if scenario.sampling != SamplingModel() {
      file.add(.cadvisor, json: text(scenario.sampling, over: SamplingModel()))
    }
    file.add(.request, json: text(scenario.request))
    file.add(.demand, json: text(scenario.demand))
    file.add(.hosts, lines: scenario.hosts.map { text($0, scenario.sampling) })
    if !scenario.slices.isEmpty { file.add(.slices, lines: scenario.slices.map(text)) }
    file.add(.servers, lines: scenario.servers.map(text))
    if !scenario.events.isEmpty { file.add(.events, lines: scenario.events.map(text)) }
    return file.block + "\n"
  }

  private static func text(_ balancer: BalancerModel) -> String {
    let standard = BalancerModel()
    var object = ObjectText<ScenarioKeys.Balancer>()
    object.add(.name, text: balancer.name.text)
    object.add(.share, balancer.share, unless: standard.share)
    object.add(.algorithm, balancer.algorithm, unless: standard.algorithm)
    object.add(.draws, Double(balancer.draws), unless: Double(standard.draws))
    object.add(.ties, balancer.ties, unless: standard.ties)
    object.add(.slowstart, balancer.slowstartSeconds, unless: standard.slowstartSeconds)
    if let weights = balancer.weights {
      let list = weights.map { "\($0.value)" }.joined(separator: ", ")
      object.add(.weights, json: "[\(list)]")
    }
    if balancer.backend != standard.backend { object.add(.backend, text: balancer.backend.text) }
    object.add(.costFactor, balancer.costFactor, unless: standard.costFactor)
    return object.line
  }

  private static func text(_ sampling: SamplingModel, over standard: SamplingModel) -> String {
    var object = ObjectText<ScenarioKeys.CAdvisor>()
    object.add(.housekeeping, sampling.housekeepingSeconds, unless: standard.housekeepingSeconds)
    object.add(.jitter, sampling.jitter, unless: standard.jitter)
    if sampling.isDynamic != standard.isDynamic {
      object.add(.dynamic, json: "\(sampling.isDynamic)")
    }
    object.add(.lag, sampling.lagSeconds, unless: standard.lagSeconds)
    object.add(.clockOffset, sampling.clockOffsetSeconds, unless: standard.clockOffsetSeconds)
    return object.line
  }

  private static func text(_ request: RequestModel) -> String {
    let standard = RequestModel(cpuSeconds: 0)
    var object = ObjectText<ScenarioKeys.Request>()
    object.add(.cpu, request.cpuSeconds)
    object.add(.cv, request.variation, unless: standard.variation)
    object.add(.io, request.ioSeconds, unless: standard.ioSeconds)
    object.add(.timeout, request.timeoutSeconds, unless: standard.timeoutSeconds)
    return object.line
  }

  private static func text(_ demand: DemandModel) -> String {
    let standard = DemandModel(requestsPerSecond: 0)
    var object = ObjectText<ScenarioKeys.Demand>()
    object.add(.rps, demand.requestsPerSecond)
    object.add(.burst, demand.burst, unless: standard.burst)
    object.add(.pinned, demand.pinned, unless: standard.pinned)
    object.add(.clients, Double(demand.clients), unless: Double(standard.clients))
    return object.line
  }

  private static func text(_ host: HostModel, _ sampling: SamplingModel) -> String {
    let standard = HostModel(name: host.name, cores: host.cores)
    var object = ObjectText<ScenarioKeys.Host>()
    object.add(.name, text: host.name.text)
    object.add(.cores, host.cores)
    object.add(.neighbour, host.neighbourCores, unless: standard.neighbourCores)
    object.add(.neighbourNoise, host.neighbourNoise, unless: standard.neighbourNoise)
    object.add(.neighbourShares, host.neighbourShares, unless: standard.neighbourShares)
    if let visits = host.visits { object.add(.visits, json: text(visits)) }
    object.add(.smt, host.threadSharing, unless: standard.threadSharing)
    if let own = host.sampling { object.add(.cadvisor, json: text(own, over: sampling)) }
    return object.line
  }

  private static func text(_ visits: NeighbourVisits) -> String {
    var object = ObjectText<ScenarioKeys.Visits>()
    object.add(.on, visits.onSeconds)
    object.add(.off, visits.offSeconds)
    object.add(.first, visits.firstSeconds)
    if visits.isRandom { object.add(.random, json: "true") }
    return object.line
  }

  private static func text(_ slice: SliceModel) -> String {
    var object = ObjectText<ScenarioKeys.Slice>()
    object.add(.name, text: slice.name.text)
    object.add(.quota, slice.quotaCores)
    return object.line
  }

  private static func text(_ server: ServerModel) -> String {
    let standard = ServerModel(name: server.name, host: server.host)
    var object = ObjectText<ScenarioKeys.Server>()
    object.add(.name, text: server.name.text)
    object.add(.host, text: server.host.text)
    object.add(.quota, server.quotaCores)
    object.add(.shares, server.shares, unless: standard.shares)
    if let slice = server.slice { object.add(.slice, text: slice.text) }
    object.add(.costFactor, server.costFactor, unless: standard.costFactor)
    object.add(.baseCPU, server.baseCores, unless: standard.baseCores)
    object.add(.weight, Double(server.weight.value), unless: Double(standard.weight.value))
    object.add(.io, server.ioSeconds)
    if let warmup = server.warmup {
      var inner = ObjectText<ScenarioKeys.Warmup>()
      inner.add(.seconds, warmup.seconds)
      inner.add(.factor, warmup.factor)
      object.add(.warmup, json: inner.line)
    }
    object.add(.state, server.state, unless: standard.state)
    object.add(.failFast, server.failFast, unless: standard.failFast)
    object.add(.maxconn, server.maxConnections.map(Double.init))
    object.add(.service, server.service, unless: standard.service)
    object.add(.crowding, server.crowding, unless: standard.crowding)
    return object.line
  }
}

// MARK: - Events

extension ScenarioFile {
  private typealias EventText = ObjectText<ScenarioKeys.Event>

  private static func text(_ event: Event) -> String {
    var object = EventText()
    object.add(.at, event.atSeconds)
    object.add(.every, event.repetition?.everySeconds)
    object.add(.until, event.repetition?.untilSeconds)
    switch event.change {
    case .demand(let factor, let seconds):
      object.add(.demand, factor)
      object.add(.over, seconds, unless: 0)
    case .cost(let factor): object.add(.cost, factor)
    case .failFast(let part): object.add(.failFast, part)
    case .reload(let balancer, let restoresCounters):
      object.add(.reload, text: balancer.text)
      if restoresCounters { object.add(.restored, json: "true") }
    case .share(let balancer, let share):
      object.add(.balancer, text: balancer.text)
      object.add(.share, share)
    case .slice(let name, let quota):
      object.add(.slice, text: name.text)
      object.add(.quota, quota)
    case .server(let name, let change): add(change, of: name.text, to: &object)
    case .host(let name, let change): add(change, of: name.text, to: &object)
    case .daemon(let balancer, let change):
      object.add(.daemon, text: balancer.text)
      if change.restarts { object.add(.restart, json: "true") }
      if let isCut = change.isCut { object.add(.peers, text: isCut ? "cut" : "heard") }
      object.add(.toldLate, change.toldLateSeconds)
    }
    return object.line
  }

  private static func add(
    _ change: Event.ServerChange, of server: String, to object: inout EventText
  ) {
    object.add(.server, text: server)
    if let state = change.state { object.add(.state, text: state.rawValue) }
    if change.restarts { object.add(.restart, json: "true") }
    object.add(.costFactor, change.costFactor)
    object.add(.quota, change.quotaCores)
    object.add(.io, change.ioSeconds)
    object.add(.baseCPU, change.baseCores)
    object.add(.failFast, change.failFast)
    object.add(.setWeight, change.setWeight.map { Double($0.value) })
    if change.resetsCounters { object.add(.resetCounters, json: "true") }
    object.add(.inFlight, change.inFlight?.value)
    add(change.counter, as: .counter, to: &object)
    object.add(.lasting, change.counter?.seconds ?? change.inFlight?.seconds)
  }

  private static func add(
    _ change: Event.HostChange, of host: String, to object: inout EventText
  ) {
    object.add(.host, text: host)
    object.add(.neighbour, change.neighbourCores)
    if let answers = change.cadvisorAnswers { object.add(.cadvisor, text: answers ? "up" : "down") }
    object.add(.lag, change.lagSeconds)
    add(change.machineCounter, as: .machineCounter, to: &object)
    add(change.counters, as: .counter, to: &object)
    object.add(.lasting, change.counters?.seconds ?? change.machineCounter?.seconds)
  }

  private static func add(
    _ change: Event.CounterChange?, as key: ScenarioKeys.Event, to object: inout EventText
  ) {
    guard let change else { return }
    switch change.fault {
    case nil: object.add(key, text: "right")
    case .frozen: object.add(key, text: "frozen")
    case .zero: object.add(key, text: "zero")
    case .missing: object.add(key, text: "missing")
    case .slow(let part):
      object.add(key, text: "slow")
      object.add(.part, part)
    case .spike(let excess):
      object.add(key, text: "spike")
      object.add(.by, excess)
    case .fall: object.add(key, text: "fall")
    }
  }
}

/// One object of a file, in the making.
private struct ObjectText<Key> where Key: RawRepresentable, Key.RawValue == String {
  private var members: [String] = []

  mutating func add(_ key: Key, json: String) { members.append("\"\(key.rawValue)\": \(json)") }

  mutating func add(_ key: Key, text: String) { add(key, json: Self.quoted(text)) }

  mutating func add(_ key: Key, lines: [String]) {
    add(key, json: "[\n    " + lines.joined(separator: ",\n    ") + "\n  ]")
  }

  mutating func add(_ key: Key, _ number: Double?, unless standard: Double? = nil) {
    guard let number, number != standard else { return }
    add(key, json: PlainNumber(number).description)
  }

  mutating func add<Choice>(_ key: Key, _ choice: Choice, unless standard: Choice)
  where Choice: RawRepresentable & Equatable, Choice.RawValue == String {
    if choice != standard { add(key, text: choice.rawValue) }
  }

  /// On one line.
  var line: String { members.isEmpty ? "{}" : "{ " + members.joined(separator: ", ") + " }" }

  /// With a line for each member.
  var block: String { "{\n  " + members.joined(separator: ",\n  ") + "\n}" }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
