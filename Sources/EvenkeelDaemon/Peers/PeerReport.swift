internal import Balancing
internal import Control

/// What a daemon tells its peers, and nobody else needs: what its own balancers count.
///
/// Totals, not rates: an answer that is lost, late or told twice harms nobody. Each reader learns and
/// plans for itself, from the sums of all balancers; as all sum the same, all come to the same shares.
package struct PeerReport: Codable, Equatable, Sendable {
  package static let currentVersion = 1

  package struct Server: Codable, Equatable, Sendable {
    var name: String
    var address: String?
    var state: ServerState
    var weight: Int
    var initialWeight: Int
    var arrived: Double
    var done: Double
    var failed: Double
    var open: Double
    var tried: Double
    var tunnelled: Double
    var queued: Double?
    var responseSeconds: Double?
    /// Whether the totals, and the sessions, can be.
    var totalsBelieved: Bool
    var sessionsBelieved: Bool
  }

  package struct Backend: Codable, Equatable, Sendable {
    var name: String
    var servers: [Server]
  }

  package struct Balancer: Codable, Equatable, Sendable {
    var name: String
    var pid: Int
    var startedAtSeconds: Int?
    var backends: [Backend]
  }

  package var version = currentVersion
  package var evenkeel: String
  /// Of this run alone: by it a daemon knows itself.
  package var instance: String
  /// Seconds since the balancers were read.
  package var ageSeconds: Double
  /// Seconds between two looks.
  package var intervalSeconds: Double
  package var balancers: [Balancer]
}

extension PeerReport.Server {
  init(_ reading: ServerReading) {
    let figures = Set(reading.disbeliefs.map(\.figure))
    self.init(
      name: reading.name.text, address: reading.address, state: reading.state,
      weight: reading.weight.value, initialWeight: reading.initialWeight.value,
      arrived: reading.requests.arrived, done: reading.requests.done,
      failed: reading.requests.failed, open: reading.requests.open, tried: reading.requests.tried,
      tunnelled: reading.requests.tunnelled, queued: reading.queued,
      responseSeconds: reading.responseSeconds, totalsBelieved: !figures.contains(.totals),
      sessionsBelieved: figures.isDisjoint(with: [.currentSessions, .queue]))
  }
}

extension PeerReport.Balancer {
  init(_ name: BalancerName, _ reading: BalancerReading) {
    self.init(
      name: name.text, pid: reading.process.pid, startedAtSeconds: reading.process.startedAtSeconds,
      backends: reading.backends.sorted { $0.key < $1.key }.map { name, backend in
        PeerReport.Backend(
          name: name.text, servers: backend.servers.map(PeerReport.Server.init))
      })
  }
}

// MARK: As it is read

/// Numbers of another machine may be anything; what cannot be is not believed, as if HAProxy had said it.
extension PeerReport {
  /// What is as good as counted by one balancer: the sums of all that the peer has.
  ///
  /// - Parameter backends: those that are asked for; one that the peer does not have has no servers.
  func reading(of backends: [BackendName]) -> BalancerReading {
    var sums: [BackendName: [ServerReading]] = [:]
    for balancer in balancers {
      for backend in balancer.backends where backends.contains(BackendName(backend.name)) {
        for server in backend.servers {
          sums[BackendName(backend.name), default: []].add(server.reading)
        }
      }
    }
    return BalancerReading(
      process: process, isStopping: false,
      backends: Dictionary(
        backends.map { name in
          (
            name,
            BackendReading(algorithm: .dynamic(.rate), algorithmName: "", servers: sums[name] ?? [])
          )
        }, uniquingKeysWith: { first, _ in first }),
      ageSeconds: (0...86_400).contains(ageSeconds) ? ageSeconds : nil)
  }

  /// Another one as soon as any of its balancers is another process, comes or goes.
  private var process: ProcessIdentity {
    let pids = balancers.reduce(0) { $0 &* 31 &+ $1.pid }
    let starts = balancers.reduce(0) { $0 &* 31 &+ ($1.startedAtSeconds ?? 0) }
    return ProcessIdentity(pid: pids, startedAtSeconds: starts)
  }
}

extension PeerReport.Server {
  fileprivate var reading: ServerReading {
    let totals = [arrived, done, failed, tried, tunnelled]
    let canBe = totals.allSatisfy { (0...0x1p53).contains($0) }
    var disbeliefs: [Disbelief] = []
    if !totalsBelieved || !canBe { disbeliefs.append(Disbelief(.totals, value: 0)) }
    let openCanBe =
      (0..<0x1p31).contains(open) && (queued.map { (0..<0x1p31).contains($0) } ?? true)
    if !sessionsBelieved || !openCanBe {
      disbeliefs.append(Disbelief(.currentSessions, value: 0))
    }
    let seconds = responseSeconds.flatMap { (0...86_400).contains($0) ? $0 : nil }
    return ServerReading(
      name: ServerName(name), address: address, state: state, weight: Weight(clamping: weight),
      initialWeight: Weight(clamping: initialWeight),
      requests: canBe
        ? RequestCounters(
          arrived: arrived, done: done, failed: failed, inFlight: openCanBe ? open : 0,
          tried: tried, tunnelled: tunnelled) : RequestCounters(arrived: 0, done: 0, inFlight: 0),
      disbeliefs: disbeliefs, queued: openCanBe ? queued : nil, responseSeconds: seconds)
  }
}

extension [ServerReading] {
  /// Adds what another balancer counted of the same server.
  fileprivate mutating func add(_ reading: ServerReading) {
    guard let index = firstIndex(where: { $0.name == reading.name }) else { return append(reading) }
    let other = reading.requests
    self[index].requests.arrived += other.arrived
    self[index].requests.done += other.done
    self[index].requests.failed += other.failed
    self[index].requests.inFlight += other.inFlight
    self[index].requests.open += other.open
    self[index].requests.tried += other.tried
    self[index].requests.tunnelled += other.tunnelled
    self[index].disbeliefs += reading.disbeliefs
    self[index].queued = [self[index].queued, reading.queued].compactMap(\.self).reduce(0, +)
    if reading.state == .up { self[index].state = .up }
  }
}
