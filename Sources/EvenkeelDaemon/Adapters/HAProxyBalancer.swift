package import Balancing
package import Control
package import HAProxy

/// A HAProxy as `Control` reads and writes it.
package struct HAProxyBalancer: Balancer {
  package let name: BalancerName
  private let client: RuntimeClient

  package init(name: BalancerName, client: RuntimeClient) {
    self.name = name
    self.client = client
  }

  package func read(_ backends: [BackendName]) async throws(PortFailure) -> BalancerReading {
    let reading: RuntimeReading
    do {
      reading = try await client.read(backends: backends.map(\.text))
    } catch {
      throw PortFailure(error, balancer: name)
    }
    return BalancerReading(
      process: ProcessIdentity(reading.process.identity),
      uptimeSeconds: reading.process.uptimeSeconds,
      isStopping: reading.process.isStopping,
      backends: Dictionary(
        reading.backends.map { (BackendName($0.key), BackendReading($0.value)) },
        uniquingKeysWith: { first, _ in first }))
  }

  package func write(_ writes: [WeightWrite], to process: ProcessIdentity)
    async throws(PortFailure) -> [WriteOutcome]
  {
    let assignments = writes.map {
      WeightAssignment(
        backend: $0.backend.text, server: $0.server.text, weight: $0.weight.value)
    }
    let results: [WeightResult]
    do {
      results = try await client.setWeights(
        assignments,
        ifProcess: .init(pid: process.pid, startTimeSeconds: process.startedAtSeconds))
    } catch {
      throw PortFailure(error, balancer: name)
    }
    guard !results.contains(.permissionDenied) else {
      throw PortFailure(
        .permissionDenied,
        "\(name): HAProxy refuses weights on \(client.address): its `stats socket` line needs "
          + "`level admin`")
    }
    return results.map(WriteOutcome.init)
  }
}

extension ProcessIdentity {
  fileprivate init(_ identity: RuntimeProcess.Identity) {
    self.init(pid: identity.pid, startedAtSeconds: identity.startTimeSeconds)
  }
}

extension BackendReading {
  fileprivate init(_ status: RuntimeBackend) {
    self.init(
      algorithm: Algorithm(status.algorithm), algorithmName: status.algorithm,
      servers: status.servers.map { ServerReading($0, mode: status.mode) })
  }
}

extension BackendReading.Algorithm {
  /// What HAProxy's name for an algorithm says of its weights: tried on 2.6.
  ///
  /// `random` is shown as `unknown`, and hashes do not show whether they are consistent; a session
  /// below `operator` is shown nothing at all.
  fileprivate init(_ name: String) {
    switch name {
    case "roundrobin": self = .dynamic(.rate)
    case "unknown": self = .dynamic(.drawn)
    case "leastconn": self = .dynamic(.inFlight)
    case "static-rr", "rdp-cookie", "first": self = .fixed
    default: self = name.hasPrefix("random") ? .dynamic(.drawn) : .perhapsFixed
    }
  }
}

extension ServerReading {
  fileprivate init(_ status: RuntimeServer, mode: RuntimeBackend.Mode) {
    self.init(
      name: ServerName(status.name), address: status.address, port: status.port,
      state: ServerState(status),
      weight: Weight(clamping: status.currentWeight),
      initialWeight: Weight(clamping: status.initialWeight), hasAgent: status.hasAgent,
      hasSRVRecord: status.srvRecord != nil,
      requests: RequestCounters(status.counters, mode: mode),
      disbeliefs: status.counters.disbeliefs, queued: status.counters.waiting,
      responseSeconds: status.counters.responseSeconds(mode), limit: status.counters.limit)
  }
}

extension ServerState {
  fileprivate init(_ status: RuntimeServer) {
    let admin = status.adminState
    self =
      if admin.contains(.resolutionMaintenance) {
        .unresolved
      } else if !admin.isDisjoint(with: .anyMaintenance) {
        .maintenance
      } else if !admin.isDisjoint(with: .anyDrain) {
        .drain
      } else {
        switch status.operationalState {
        case .stopped, .stopping: .down
        case .starting: .ramping
        case .running:
          if status.isBackup {
            .backup
          } else if status.currentWeight == 0 {
            .zeroWeight
          } else {
            .up
          }
        }
      }
  }
}

extension WriteOutcome {
  fileprivate init(_ result: WeightResult) {
    self =
      switch result {
      case .written: .written
      case .noSuchServer: .serverGone
      case .staticAlgorithm(let reply): .algorithmIsFixed(reply: reply)
      case .permissionDenied: .refused(reply: "Permission denied")
      case .refused(let reply): .refused(reply: reply)
      case .processChanged: .processChanged
      }
  }
}

extension PortFailure {
  fileprivate init(_ error: RuntimeError, balancer: BalancerName) {
    let kind: Kind =
      switch error.kind {
      case .permissionDenied: .permissionDenied
      case .cancelled: .cancelled
      case .malformed, .replyTooLong, .endedEarly: .garbled
      case .masterSocket, .multipleProcesses, .invalidName: .refused
      default: .unreachable
      }
    self.init(kind, "\(balancer): \(error)")
  }
}
