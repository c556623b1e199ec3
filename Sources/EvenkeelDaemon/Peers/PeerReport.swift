internal import Balancing
internal import Control

/// What a daemon tells its peers, and nobody else needs: what its own balancers count, and what it has
/// learned of their servers.
///
/// Totals, not rates: an answer that is lost, late or told twice harms nobody. Each reader learns and
/// plans for itself, from the sums of all balancers; as all sum the same, all come to the same shares.
///
/// `packaging/evenkeel.peer.schema.json` describes every field. Within a version fields are only added.
package struct PeerReport: Codable, Equatable, Sendable {
  package static let currentVersion = 1

  package struct Server: Codable, Equatable, Sendable {
    var name: String
    var address: String?
    var port: Int?
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
    /// Requests that it may have at a time on that balancer.
    var limit: Int?
    /// Whether the totals, and the sessions, can be.
    var totalsBelieved: Bool
    var sessionsBelieved: Bool
    /// Requests a second between the last two looks.
    var requestsPerSecond: Double?
    var cost: Cost?
  }

  /// What a request costs a server, of all balancers together.
  package struct Cost: Codable, Equatable, Sendable {
    /// CPU seconds.
    var secondsPerRequest: Double
    /// Requests that it was learned from.
    var requests: Double
    /// Seconds since it learned last.
    var ageSeconds: Double
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
  /// What it is told of its backends; `nil` before it was told anything.
  package var settings: [PeerSettings]?
}

/// An answer of a peer, which may be of another version: then nothing else of it is looked at.
package enum PeerAnswer: Decodable, Sendable {
  case report(PeerReport)
  case other(version: Int, evenkeel: String)

  private enum Keys: String, CodingKey {
    case version, evenkeel
  }

  package init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: Keys.self)
    let version = try keys.decode(Int.self, forKey: .version)
    self =
      version == PeerReport.currentVersion
      ? .report(try PeerReport(from: decoder))
      : .other(
        version: version,
        evenkeel: (try? keys.decode(String.self, forKey: .evenkeel)) ?? "of another version")
  }
}

extension PeerReport.Server {
  init(_ reading: ServerReading) {
    let figures = Set(reading.disbeliefs.map(\.figure))
    self.init(
      name: reading.name.text, address: reading.address, port: reading.port, state: reading.state,
      weight: reading.weight.value, initialWeight: reading.initialWeight.value,
      arrived: reading.requests.arrived, done: reading.requests.done,
      failed: reading.requests.failed, open: reading.requests.open, tried: reading.requests.tried,
      tunnelled: reading.requests.tunnelled, queued: reading.queued,
      responseSeconds: reading.responseSeconds, limit: reading.limit,
      totalsBelieved: !figures.contains(.totals),
      sessionsBelieved: figures.isDisjoint(with: [.currentSessions, .queue]),
      requestsPerSecond: reading.lesson?.requestsPerSecond,
      cost: reading.lesson?.cost.map(PeerReport.Cost.init))
  }
}

extension PeerReport.Cost {
  fileprivate init(_ cost: ToldCost) {
    self.init(
      secondsPerRequest: cost.secondsPerRequest, requests: cost.requests,
      ageSeconds: cost.ageSeconds)
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
  /// What is as good as counted by one balancer: the servers of all that the peer has, one after the other.
  ///
  /// - Parameters:
  ///   - backends: those that are asked for; one that the peer does not have has no servers.
  ///   - isNear: whether the peer is on this machine, so that its loopback is ours.
  func reading(of backends: [BackendName], isNear: Bool) -> BalancerReading {
    let age = (0...Self.mostSeconds).contains(ageSeconds) ? ageSeconds : nil
    var servers: [BackendName: [ServerReading]] = [:]
    for balancer in balancers {
      for backend in balancer.backends {
        servers[BackendName(backend.name), default: []] += backend.servers.map { server in
          server.reading(isNear: isNear, ageSeconds: age ?? 0)
        }
      }
    }
    var reading = BalancerReading(
      process: process, isStopping: false,
      backends: Dictionary(
        backends.map { name in
          (
            name,
            BackendReading(
              algorithm: .dynamic(.rate), algorithmName: "", servers: servers[name] ?? [])
          )
        }, uniquingKeysWith: { first, _ in first }), ageSeconds: age)
    reading.teller = instance
    return reading
  }

  fileprivate static let mostSeconds = 86_400.0

  /// Another one as soon as any of its balancers is another process, comes or goes.
  private var process: ProcessIdentity {
    let pids = balancers.reduce(0) { $0 &* 31 &+ $1.pid }
    let starts = balancers.reduce(0) { $0 &* 31 &+ ($1.startedAtSeconds ?? 0) }
    return ProcessIdentity(pid: pids, startedAtSeconds: starts)
  }
}

extension PeerReport.Server {
  /// More requests a second than any HAProxy passes on.
  private static let possibleRates = 0...0x1p30

  fileprivate func reading(isNear: Bool, ageSeconds: Double) -> ServerReading {
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
    // An address that every machine has for itself tells nothing.
    let place = isNear || address.map { !LocalAddress.isLoopback($0) } ?? false ? address : nil
    var reading = ServerReading(
      name: ServerName(name), address: place, port: place == nil ? nil : port, state: state,
      weight: Weight(clamping: weight), initialWeight: Weight(clamping: initialWeight),
      requests: canBe
        ? RequestCounters(
          arrived: arrived, done: done, failed: failed, inFlight: openCanBe ? open : 0,
          tried: tried, tunnelled: tunnelled) : RequestCounters(arrived: 0, done: 0, inFlight: 0),
      disbeliefs: disbeliefs, queued: openCanBe ? queued : nil, responseSeconds: seconds,
      limit: limit.flatMap { $0 > 0 ? $0 : nil })
    reading.lesson = ServerReading.Lesson(
      // What cannot be is not heard: see there.
      cost: cost.map {
        ToldCost(
          secondsPerRequest: $0.secondsPerRequest, requests: $0.requests,
          ageSeconds: $0.ageSeconds + ageSeconds)
      },
      requestsPerSecond: requestsPerSecond.flatMap {
        canBe && totalsBelieved && Self.possibleRates.contains($0) ? $0 : nil
      })
    return reading
  }
}
