package import Balancing

extension BackendControl {
  /// What was read of this backend, put in order before anything is decided.
  package struct Sighting: Sendable {
    let read: [ReadBalancer]
    let servers: BackendServers
    package internal(set) var matches: [ServerName: Match] = [:]
    /// Whether they may be others than in the tick before.
    var isRematched = false
    /// Totals by server; `nil` while a balancer's part of them is not known.
    package let counters: [ServerName: RequestCounters]?
    let events: [ControlEvent]

    /// Whether a server that takes traffic may be any container.
    var lacksContainers: Bool {
      servers.servers.contains {
        $0.state.takesTraffic && matches[$0.name]?.containers.isEmpty ?? true
      }
    }
  }
}

/// One balancer that was read in a tick.
struct ReadBalancer: Sendable {
  let name: BalancerName
  /// Whether another daemon tells of it: nobody's to write here.
  let isPeer: Bool
  var backend: BackendReading
  let process: ProcessIdentity
  let finding: ReloadDetector.Finding

  /// `rate` also where it takes no weights, or does not tell whether.
  fileprivate var discipline: BackendObservation.Discipline {
    guard case .dynamic(let discipline) = backend.algorithm else { return .rate }
    return discipline
  }
}

extension [ReadBalancer] {
  var own: [ReadBalancer] { filter { !$0.isPeer } }
  var peers: [ReadBalancer] { filter(\.isPeer) }

  /// What a weight means on all of them together.
  var discipline: BackendObservation.Discipline {
    let disciplines = Set(map(\.discipline))
    // Where they differ, some requests of each server go by what is in flight.
    return disciplines.count > 1 ? .drawn : disciplines.first ?? .rate
  }
}

extension BackendServers {
  init(_ balancers: [ReadBalancer]) { self.init(balancers.map { ($0.name, $0.backend) }) }
}
