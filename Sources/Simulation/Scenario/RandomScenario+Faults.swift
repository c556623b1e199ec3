internal import Balancing

extension Scenario {
  /// Lets readings be untrue, traffic deaf to weights, and limits unseen.
  mutating func addFaults(_ random: inout SeededRandom) {
    if random.chance(0.1) {
      demand.pinned = random.unit()
      demand.clients = Int.random(in: 1...100, using: &random)
    }
    if random.chance(0.15) { addSlice(&random) }
    if random.chance(0.3), balancers.count > 1 {
      balancers[0].backend = "other"
      balancers[0].costFactor = 0.5 + 4 * random.unit()
    }
    guard random.chance(0.7) else { return }
    events += (0..<Int.random(in: 1...3, using: &random)).map { _ in randomFault(&random) }
    events.sort { $0.atSeconds < $1.atSeconds }
  }

  private mutating func addSlice(_ random: inout SeededRandom) {
    let count = Int.random(in: 1...min(3, servers.count), using: &random)
    for index in servers.indices.prefix(count) { servers[index].slice = "slice" }
    let cores = servers.prefix(count).reduce(0) { $0 + ($1.quotaCores ?? 2) }
    slices = [SliceModel(name: "slice", quotaCores: max(0.05, cores * random.unit()))]
  }

  private func randomFault(_ random: inout SeededRandom) -> Event {
    let server = servers.randomElement(using: &random)?.name ?? "s1"
    let host = hosts.randomElement(using: &random)?.name ?? "h1"
    let seconds = random.chance(0.3) ? nil : 1 + durationSeconds * random.unit()
    let lasting = Event.CounterChange(.lasting(&random), seconds: seconds)
    let momentary = Event.CounterChange(.momentary(&random))
    var (ofServer, ofHost) = (Event.ServerChange(), Event.HostChange())
    var change = Event.Change.server(server, ofServer)
    var isRepeated = false
    switch Int.random(in: 0...8, using: &random) {
    case 0, 1:
      ofServer.counter = lasting
      change = .server(server, ofServer)
    case 2:
      ofServer.counter = momentary
      change = .server(server, ofServer)
      isRepeated = true
    case 3:
      ofHost.counters = lasting
      change = .host(host, ofHost)
    case 4:
      ofHost.counters = momentary
      change = .host(host, ofHost)
      isRepeated = true
    case 5:
      ofHost.machineCounter = random.chance(0.5) ? lasting : momentary
      change = .host(host, ofHost)
      isRepeated = ofHost.machineCounter == momentary
    case 6:
      let balancer = balancers.randomElement(using: &random)?.name ?? "lb1"
      change = .reload(balancer, restoresCounters: true)
    case 7:
      ofServer.resetsCounters = true
      change = .server(server, ofServer)
    default:
      ofServer.inFlight = Event.GaugeChange(
        random.chance(0.5) ? 4_294_967_295 : -1, seconds: seconds)
      change = .server(server, ofServer)
    }
    var event = Event(atSeconds: durationSeconds * random.unit(), change)
    if isRepeated {
      event.repetition = Event.Repetition(
        everySeconds: intervalSeconds * (1 + 4 * random.unit()), untilSeconds: durationSeconds)
    }
    return event
  }
}

extension CounterFault {
  fileprivate static func lasting(_ random: inout SeededRandom) -> CounterFault {
    switch Int.random(in: 0...3, using: &random) {
    case 0: .frozen
    case 1: .zero
    case 2: .missing
    default: .slow(part: 0.3 * random.unit())
    }
  }

  fileprivate static func momentary(_ random: inout SeededRandom) -> CounterFault {
    switch Int.random(in: 0...2, using: &random) {
    case 0: .fall
    case 1: .spike(cpuSeconds: CounterFault.years)
    default: .spike(cpuSeconds: 40 * random.unit())
    }
  }
}
