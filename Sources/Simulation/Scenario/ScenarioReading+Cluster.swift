import Balancing
import CheckedJSON

/// The machines: balancers, hosts, servers.
extension ScenarioReading {
  mutating func balancers(_ node: JSONNode) -> [BalancerModel] {
    let balancers = named(
      node, most: ScenarioLimits.balancers, nameKey: ScenarioKeys.Balancer.name,
      remember: { $0.balancerNames.insert($1) }
    ) { reading, object, name in
      var balancer = BalancerModel()
      balancer.name = BalancerName(name)
      reading.read(object[.share], in: ScenarioLimits.share, into: &balancer.share)
      reading.read(object[.algorithm], into: &balancer.algorithm)
      balancer.draws =
        object[.draws].flatMap { reading.integer($0, in: ScenarioLimits.draws) } ?? balancer.draws
      reading.read(object[.ties], into: &balancer.ties)
      reading.read(
        object[.slowstart], in: ScenarioLimits.slowstart, into: &balancer.slowstartSeconds)
      balancer.weights = object[.weights].flatMap { reading.weights($0) }
      let backend = object[.backend].flatMap { reading.name($0) }
      balancer.backend = backend.map { BackendName($0) } ?? balancer.backend
      reading.read(object[.costFactor], in: ScenarioLimits.costFactor, into: &balancer.costFactor)
      return balancer
    }
    if !balancers.isEmpty, balancers.allSatisfy({ $0.share <= 0 }) {
      report(node.path, "have no share of the demand", hint: "give one a `share` above 0")
    }
    return balancers
  }

  private mutating func weights(_ node: JSONNode) -> [Weight]? {
    guard let nodes = list(node, count: 1...ScenarioLimits.servers) else { return nil }
    let weights = nodes.compactMap { weight($0) }
    return weights.count == nodes.count ? weights : nil
  }

  /// Looks whether balancers with weights of their own have one for each server.
  mutating func checkWeights(of scenario: Scenario, at path: String) {
    for (index, balancer) in scenario.balancers.enumerated() {
      guard let count = balancer.weights?.count, count != scenario.servers.count else { continue }
      report(
        "\(path)[\(index)].\(ScenarioKeys.Balancer.weights.rawValue)",
        "has \(count) weights for \(scenario.servers.count) servers",
        hint: "write one for each, in the order of `servers`")
    }
  }

  /// - Parameter sampling: what a host's cAdvisor does where the host does not say otherwise.
  mutating func hosts(_ node: JSONNode, sampling: SamplingModel) -> [HostModel] {
    named(
      node, most: ScenarioLimits.hosts, nameKey: ScenarioKeys.Host.name,
      remember: { $0.hostNames.insert($1) }
    ) { reading, object, name in
      var host = HostModel(name: HostName(name), cores: ScenarioLimits.cores.upperBound)
      reading.read(
        reading.required(.cores, of: object), in: ScenarioLimits.cores, into: &host.cores)
      reading.read(object[.neighbour], in: ScenarioLimits.usedCores, into: &host.neighbourCores)
      reading.read(object[.neighbourNoise], in: ScenarioLimits.noise, into: &host.neighbourNoise)
      reading.read(
        object[.neighbourShares], in: ScenarioLimits.shares, into: &host.neighbourShares)
      host.visits = object[.visits].flatMap { reading.visits($0) }
      reading.read(object[.smt], in: ScenarioLimits.threadSharing, into: &host.threadSharing)
      host.sampling = object[.cadvisor].map { reading.sampling($0, over: sampling) }
      return host
    }
  }

  private mutating func visits(_ node: JSONNode) -> NeighbourVisits? {
    guard let object = object(node, of: ScenarioKeys.Visits.self) else { return nil }
    let on = required(.on, of: object).flatMap { number($0, in: ScenarioLimits.visit) }
    let off = required(.off, of: object).flatMap { number($0, in: ScenarioLimits.visit) }
    guard let on, let off else { return nil }
    var visits = NeighbourVisits(onSeconds: on, offSeconds: off)
    read(object[.first], in: ScenarioLimits.firstVisit, into: &visits.firstSeconds)
    read(object[.random], into: &visits.isRandom)
    return visits
  }

  /// - Parameter standard: what stands where the object says nothing.
  mutating func sampling(_ node: JSONNode, over standard: SamplingModel) -> SamplingModel {
    var model = standard
    guard let object = object(node, of: ScenarioKeys.CAdvisor.self) else { return model }
    read(
      object[.housekeeping], in: ScenarioLimits.housekeeping, into: &model.housekeepingSeconds)
    read(object[.jitter], in: ScenarioLimits.jitter, into: &model.jitter)
    read(object[.dynamic], into: &model.isDynamic)
    read(object[.lag], in: ScenarioLimits.lag, into: &model.lagSeconds)
    read(object[.clockOffset], in: ScenarioLimits.clockOffset, into: &model.clockOffsetSeconds)
    return model
  }

  mutating func slices(_ node: JSONNode) -> [SliceModel] {
    named(
      node, most: ScenarioLimits.slices, nameKey: ScenarioKeys.Slice.name,
      remember: { $0.sliceNames.insert($1) }
    ) { reading, object, name in
      var slice = SliceModel(name: SliceName(name), quotaCores: ScenarioLimits.cores.upperBound)
      reading.read(
        reading.required(.quota, of: object), in: ScenarioLimits.cores, into: &slice.quotaCores)
      return slice
    }
  }

  mutating func servers(_ node: JSONNode) -> [ServerModel] {
    named(
      node, most: ScenarioLimits.servers, nameKey: ScenarioKeys.Server.name,
      remember: { $0.serverNames.insert($1) }
    ) { reading, object, name in
      let host = reading.required(.host, of: object).flatMap {
        reading.reference($0, to: reading.hostNames)
      }
      var server = ServerModel(name: ServerName(name), host: HostName(host ?? ""))
      reading.read(object[.quota], in: ScenarioLimits.cores, into: &server.quotaCores)
      reading.read(object[.shares], in: ScenarioLimits.shares, into: &server.shares)
      let slice = object[.slice].flatMap { reading.reference($0, to: reading.sliceNames) }
      server.slice = slice.map { SliceName($0) }
      reading.read(object[.costFactor], in: ScenarioLimits.costFactor, into: &server.costFactor)
      reading.read(object[.baseCPU], in: ScenarioLimits.usedCores, into: &server.baseCores)
      server.weight = object[.weight].flatMap { reading.weight($0) } ?? server.weight
      reading.read(object[.io], in: ScenarioLimits.io, into: &server.ioSeconds)
      server.warmup = object[.warmup].flatMap { reading.warmup($0) }
      reading.read(object[.state], into: &server.state)
      reading.read(object[.failFast], in: ScenarioLimits.part, into: &server.failFast)
      server.maxConnections = object[.maxconn].flatMap {
        reading.integer($0, in: ScenarioLimits.connections)
      }
      reading.read(object[.service], into: &server.service)
      reading.read(object[.crowding], in: ScenarioLimits.crowding, into: &server.crowding)
      return server
    }
  }

  private mutating func warmup(_ node: JSONNode) -> ServerModel.Warmup? {
    guard let object = object(node, of: ScenarioKeys.Warmup.self) else { return nil }
    let seconds = required(.seconds, of: object).flatMap { number($0, in: ScenarioLimits.warmup) }
    let factor = required(.factor, of: object).flatMap {
      number($0, in: ScenarioLimits.costFactor)
    }
    guard let seconds, let factor else { return nil }
    return ServerModel.Warmup(seconds: seconds, factor: factor)
  }

  /// Reads a list of things that have names of their own.
  ///
  /// - Parameters:
  ///   - remember: takes each name, or `nil` for one that cannot be read.
  ///   - element: reads all but the name.
  private mutating func named<Key, Element>(
    _ node: JSONNode, most: Int, nameKey: Key, remember: (inout Self, String?) -> Void,
    element: (inout Self, JSONObject<Key>, _ name: String) -> Element
  ) -> [Element] {
    guard let nodes = list(node, count: 1...most) else {
      remember(&self, nil)
      return []
    }
    let read = nodes.compactMap { node -> (path: String, name: String, element: Element)? in
      guard let object = object(node, of: Key.self) else {
        remember(&self, nil)
        return nil
      }
      let name = required(nameKey, of: object).flatMap { self.name($0) }
      remember(&self, name)
      let element = element(&self, object, name ?? "")
      return name.map { (node.path, $0, element) }
    }
    return distinct(read, by: \.name, at: \.path, hint: "give each a name of its own") {
      read, first in "has the same name \(QuotedText(read.name)) as \(first)"
    }.map(\.element)
  }
}
