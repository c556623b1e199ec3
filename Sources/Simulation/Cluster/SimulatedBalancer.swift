internal import Balancing
internal import Control
internal import DequeModule

/// A HAProxy with one backend: what it counts, and where it sends the next request.
struct SimulatedBalancer: Sendable {
  /// One server as this HAProxy sees it.
  struct Slot: Sendable {
    var weight: Weight
    /// What its weight counts for now, in sixteenths: less while it ramps up under `slowstart`.
    var effective: Int
    /// When it came up, where it ramps since.
    var rampingSince: Double?
    var isUp: Bool
    var isDrained: Bool
    let maxConnections: Int?
    /// Requests at the server that somebody still waits for.
    var inFlight = 0
    /// What it shows instead, and until when.
    var shownInFlight: (value: Double, until: Double)?
    var counters = Counters()
    /// Smooth weighted round robin.
    var credit = 0
    /// Where it stands among servers of the same leastconn key.
    var place = 0
    var key = 0
    fileprivate var rate = RequestRate()
    var responses = ResponseAverage()

    init(_ model: ServerModel, weight: Weight) {
      self.weight = weight
      effective = weight.value * SimulatedBalancer.weightScale
      isUp = model.state != .down
      isDrained = model.state == .drain
      maxConnections = model.maxConnections
    }

    fileprivate var isUsable: Bool { isUp && !isDrained && weight.value > 0 }
    fileprivate var hasRoom: Bool { inFlight < maxConnections ?? .max }
    fileprivate var mayTake: Bool { isUsable && hasRoom }
  }

  /// What HAProxy counts of a server.
  struct Counters: Sendable {
    var arrived = 0
    var done = 0
    var failed = 0
  }

  /// HAProxy's BE_WEIGHT_SCALE.
  fileprivate static let weightScale = 16

  var model: BalancerModel
  private let initial: [Slot]
  var slots: [Slot]
  /// Requests that no server had room for.
  var queue = Deque<Int>()
  /// Rises with each reload.
  private(set) var process = 1
  private(set) var startedAt = 0.0
  private var places = 0
  private var random: SeededRandom

  init(
    _ model: BalancerModel, servers: [ServerModel], _ random: SeededRandom
  ) {
    self.model = model
    self.random = random
    let weights = model.weights ?? servers.map(\.weight)
    initial = zip(servers, weights).map(Slot.init)
    slots = initial
  }

  private var algorithm: BalancerModel.Algorithm { model.algorithm }

  /// Whether any server is there to send to, were there room.
  var hasServers: Bool { slots.contains(where: \.isUsable) }

  /// The server for the next request; `nil` when it must wait for one to have room.
  mutating func choose(at now: Double) -> Int? {
    switch algorithm {
    case .roundrobin: chooseByWeight()
    case .leastconn: chooseByConnections()
    case .random: chooseByChance(at: now)
    }
  }

  /// The server for a request that waited; `nil` when still none has room.
  ///
  /// Nothing is drawn for it: the first server that has room takes it.
  mutating func chooseForQueued(at now: Double) -> Int? {
    guard algorithm == .random else { return choose(at: now) }
    var best: Int?
    for index in slots.indices where slots[index].mayTake {
      if let other = best, !isLessLoaded(index, than: other, at: now) { continue }
      best = index
    }
    return best
  }

  /// Smooth weighted round robin: exact shares, evenly mixed, as HAProxy's `fwrr` has them.
  private mutating func chooseByWeight() -> Int? {
    var best: Int?
    var total = 0
    for index in slots.indices where slots[index].mayTake {
      slots[index].credit += slots[index].effective
      total += slots[index].effective
      if best.map({ slots[index].credit > slots[$0].credit }) ?? true { best = index }
    }
    if let best { slots[best].credit -= total }
    return best
  }

  /// HAProxy's `random(draws)`: servers drawn with replacement in proportion to their weights, then
  /// the one with the fewest requests for its weight. Where that one is full the request waits,
  /// whatever room others have.
  private mutating func chooseByChance(at now: Double) -> Int? {
    var best: Int?
    for _ in 0..<max(1, model.draws) {
      guard let drawn = draw() else { return nil }
      // Ties are the later one's, unless rates tell.
      if let other = best, other != drawn, isLessLoaded(other, than: drawn, at: now) { continue }
      best = drawn
    }
    return best.flatMap { slots[$0].hasRoom ? $0 : nil }
  }

  private mutating func draw() -> Int? {
    let total = slots.reduce(0) { $0 + ($1.isUsable ? $1.effective : 0) }
    guard total > 0 else { return nil }
    var point = random.unit() * Double(total)
    var last: Int?
    for index in slots.indices where slots[index].isUsable && slots[index].effective > 0 {
      point -= Double(slots[index].effective)
      last = index
      if point <= 0 { break }
    }
    return last
  }

  /// Whether it has fewer requests for its weight; of as many, where rates tell, fewer of late.
  private func isLessLoaded(_ server: Int, than other: Int, at now: Double) -> Bool {
    let (mine, its) = (slots[server], slots[other])
    let (load, itsLoad) = (mine.inFlight * its.effective, its.inFlight * mine.effective)
    guard load == itsLoad, model.ties == .rate else { return load < itsLoad }
    return mine.rate.value(at: now) * Double(its.effective)
      < its.rate.value(at: now) * Double(mine.effective)
  }

  /// HAProxy's `fwlc`: the least (in flight + 1) ÷ weight, 0 when idle; ties in turn.
  private func chooseByConnections() -> Int? {
    var best: Int?
    for index in slots.indices where slots[index].mayTake {
      guard let other = best else {
        best = index
        continue
      }
      let (mine, its) = (slots[index], slots[other])
      if mine.key < its.key || (mine.key == its.key && mine.place < its.place) { best = index }
    }
    return best
  }

  /// Puts a server where its new key belongs; one whose key did not change stays.
  private mutating func reposition(_ server: Int) {
    guard algorithm == .leastconn else { return }
    let slot = slots[server]
    let scale = Weight.maximum * Self.weightScale
    let key = slot.inFlight == 0 ? 0 : (slot.inFlight + 1) * scale / max(1, slot.effective)
    guard key != slot.key || slot.place == 0 else { return }
    places += 1
    slots[server].key = key
    slots[server].place = places
  }

  mutating func began(on server: Int, at now: Double) {
    slots[server].inFlight += 1
    if algorithm == .random { slots[server].rate.count(at: now) }
    reposition(server)
  }

  mutating func ended(on server: Int) {
    slots[server].inFlight = max(0, slots[server].inFlight - 1)
    reposition(server)
  }

  mutating func set(weight: Weight, of server: Int, at now: Double) {
    slots[server].weight = weight
    ramp(server, at: now)
  }

  /// Another process: weights go back, what is under way ends with the old one; counters go back
  /// too, or on where a file had them.
  mutating func reload(servers: [ServerModel], restoresCounters: Bool, at now: Double) {
    let counters = slots.map(\.counters)
    slots = initial
    for (index, server) in servers.enumerated() {
      slots[index].isUp = server.state != .down
      slots[index].isDrained = server.state == .drain
      if restoresCounters { slots[index].counters = counters[index] }
    }
    process += 1
    startedAt = now
  }

  mutating func set(state: ServerModel.State, of server: Int, at now: Double) {
    let wasUp = slots[server].isUp
    slots[server].isUp = state != .down
    slots[server].isDrained = state == .drain
    if !wasUp, slots[server].isUp, model.slowstartSeconds > 0 {
      slots[server].rampingSince = now
    }
    ramp(server, at: now)
  }

  /// What weights count for at a time.
  mutating func ramp(at now: Double) {
    for server in slots.indices where slots[server].rampingSince != nil { ramp(server, at: now) }
  }

  private mutating func ramp(_ server: Int, at now: Double) {
    let full = slots[server].weight.value * Self.weightScale
    slots[server].effective = full
    if let since = slots[server].rampingSince {
      let part = (now - since) / model.slowstartSeconds
      if part >= 1 {
        slots[server].rampingSince = nil
      } else {
        slots[server].effective = max(1, Int((Double(full) * max(0, part)).rounded(.up)))
      }
    }
    reposition(server)
  }
}

extension BalancerModel.Algorithm {
  /// As the adapter of a real one has it.
  fileprivate var discipline: BackendObservation.Discipline {
    switch self {
    case .roundrobin: .rate
    case .random: .drawn
    case .leastconn: .inFlight
    }
  }
}

extension SimulatedBalancer {
  /// What the daemon reads of it.
  func reading(_ servers: [ServerModel], at now: Double) -> BalancerReading {
    let rows = zip(zip(servers, initial), slots).map { known, slot in
      let (model, initial) = known
      let inFlight = slot.inFlight(at: now)
      return ServerReading(
        name: model.name, state: slot.state, weight: slot.weight, initialWeight: initial.weight,
        requests: RequestCounters(
          arrived: Double(slot.counters.arrived), done: Double(slot.counters.done),
          failed: Double(slot.counters.failed), inFlight: max(0, inFlight)),
        // As the adapter of a real one has it.
        disbeliefs: (0..<0x1p31).contains(inFlight)
          ? [] : [Disbelief(.currentSessions, value: Int(exactly: inFlight) ?? .max)],
        responseSeconds: slot.responses.shownSeconds, limit: slot.maxConnections)
    }
    return BalancerReading(
      process: identity, uptimeSeconds: Int(now - startedAt), isStopping: false,
      backends: [
        model.backend: BackendReading(
          algorithm: .dynamic(algorithm.discipline),
          // HAProxy has no word for `random`.
          algorithmName: algorithm == .random ? "unknown" : algorithm.rawValue, servers: rows)
      ])
  }

  var identity: ProcessIdentity {
    ProcessIdentity(pid: process, startedAtSeconds: Int(startedAt))
  }
}

extension SimulatedBalancer.Slot {
  /// What it shows.
  fileprivate func inFlight(at now: Double) -> Double {
    guard let shownInFlight, now < shownInFlight.until else { return Double(inFlight) }
    return shownInFlight.value
  }

  fileprivate var state: ServerState {
    if !isUp { return .down }
    if isDrained { return .drain }
    if weight.value == 0 { return .zeroWeight }
    return rampingSince == nil ? .up : .ramping
  }
}
