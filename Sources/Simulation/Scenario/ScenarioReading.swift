import Balancing
import CheckedJSON

/// One pass over a scenario.
///
/// Where a value cannot be read its default stands, or some value where there is none: its problem
/// refuses the scenario as a whole.
struct ScenarioReading: CheckedReading {
  var problems: [Problem] = []
  var balancerNames = KnownNames(ofEach: "balancer of this scenario")
  var hostNames = KnownNames(ofEach: "host of this scenario")
  var sliceNames = KnownNames(ofEach: "slice of this scenario")
  var serverNames = KnownNames(ofEach: "server of this scenario")

  mutating func scenario(_ node: JSONNode) -> Scenario? {
    guard let object = object(node, of: ScenarioKeys.File.self) else { return nil }
    let name = required(.name, of: object).flatMap { self.name($0) }
    let duration = required(.duration, of: object).flatMap {
      number($0, in: ScenarioLimits.duration)
    }
    var scenario = Scenario(
      name: name ?? "", durationSeconds: duration ?? ScenarioLimits.duration.upperBound,
      request: required(.request, of: object).map { request($0) } ?? Self.noRequest,
      demand: required(.demand, of: object).map { demand($0) } ?? Self.noDemand,
      hosts: [], servers: [])
    scenario.description = object[.description].flatMap { text($0) } ?? scenario.description
    let seed = object[.seed].flatMap { integer($0, in: ScenarioLimits.seed) }
    scenario.seed = seed.flatMap { UInt64(exactly: $0) } ?? scenario.seed
    read(object[.interval], in: ScenarioLimits.interval, into: &scenario.intervalSeconds)
    read(object[.daemons], into: &scenario.daemons)
    if let node = object[.cadvisor] { scenario.sampling = sampling(node, over: scenario.sampling) }
    if let node = object[.balancers] {
      scenario.balancers = balancers(node)
    } else {
      for balancer in scenario.balancers { balancerNames.insert(balancer.name.text) }
    }
    let (hosts, servers) = (required(.hosts, of: object), required(.servers, of: object))
    if let hosts { scenario.hosts = self.hosts(hosts, sampling: scenario.sampling) }
    if let node = object[.slices] { scenario.slices = slices(node) }
    if let servers { scenario.servers = self.servers(servers) }
    if !scenario.servers.isEmpty { checkWeights(of: scenario, at: object.path(of: .balancers)) }
    guard let duration else {
      // No event can be held against a time that is not known.
      return nil
    }
    if let node = object[.events] { scenario.events = events(node, within: duration) }
    checkDemand(of: scenario, at: object.path(of: .demand))
    return scenario
  }

  static let noRequest = RequestModel(cpuSeconds: ScenarioLimits.requestCPU.lowerBound)
  static let noDemand = DemandModel(requestsPerSecond: ScenarioLimits.rate.lowerBound)

  /// Reads a number to the place where it belongs, if it is there.
  mutating func read(_ node: JSONNode?, in range: ClosedRange<Double>, into place: inout Double) {
    if let node, let number = number(node, in: range) { place = number }
  }

  mutating func read(_ node: JSONNode?, in range: ClosedRange<Double>, into place: inout Double?) {
    if let node, let number = number(node, in: range) { place = number }
  }

  mutating func read(_ node: JSONNode?, into place: inout Bool) {
    if let node, let flag = boolean(node) { place = flag }
  }

  mutating func read<Choice>(_ node: JSONNode?, into place: inout Choice)
  where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    if let node, let choice = choice(node, of: Choice.self) { place = choice }
  }

  mutating func weight(_ node: JSONNode) -> Weight? {
    integer(node, in: 0...Weight.maximum).flatMap { Weight($0) }
  }
}
