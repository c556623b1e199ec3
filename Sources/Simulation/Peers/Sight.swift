internal import Balancing
internal import Control

/// What a peer sees of one server.
struct Sight: Sendable {
  var name: ServerName
  var weight: Weight
  var serves: Bool
  /// The fullest of quota and host, 0…1, over its newest window; `nil` before there is one.
  var utilisation: Double?
  /// Answered requests a second over the same window.
  var answeredPerSecond: Double?
  /// Failed requests a second over the same window.
  var failedPerSecond: Double?
}

/// The eyes of the peers: the same readings that the daemon gets, and the same utilisation.
struct Eyes: Sendable {
  private let endpoints: [any LoadSource]
  private let balancer: any Balancer
  private let windowSeconds: Double
  private var containers: [String: Window] = [:]
  private var hosts: [HostName: Window] = [:]
  private var counts: [ServerName: [Count]] = [:]
  private(set) var process = ProcessIdentity(pid: 0, startedAtSeconds: nil)
  private var backend = Cluster.backend

  private struct Window: Sendable {
    var samples: [CPUSample] = []

    mutating func add(_ sample: CPUSample, keeping seconds: Double) {
      if let last = samples.last, sample.timestamp <= last.timestamp { return }
      if let last = samples.last, sample.cpuNanoseconds < last.cpuNanoseconds { samples = [] }
      samples.append(sample)
      while samples.count > 2, sample.timestamp.seconds(since: samples[1].timestamp) >= seconds {
        samples.removeFirst()
      }
    }

    var cores: Double? {
      guard let first = samples.first, let last = samples.last, last.timestamp > first.timestamp,
        let used = last.cpuSeconds(since: first)
      else { return nil }
      return used / last.timestamp.seconds(since: first.timestamp)
    }
  }

  private struct Count: Sendable {
    var at: Timestamp
    var counters: RequestCounters
  }

  private static let countsKept = 300

  /// - Parameter windowSeconds: what rates are taken over, at least.
  init(_ endpoints: [any LoadSource], _ balancer: any Balancer, windowSeconds: Double) {
    self.endpoints = endpoints
    self.balancer = balancer
    self.windowSeconds = windowSeconds
  }

  /// Looks at everything once; what does not answer is as it was.
  ///
  /// - Parameter now: on the cluster's own clock.
  mutating func look(at now: Timestamp) async -> [Sight] {
    guard let reading = try? await balancer.read([]), let (name, backend) = reading.backends.first
    else { return [] }
    self.backend = name
    if reading.process != process { counts = [:] }
    process = reading.process
    for server in backend.servers {
      counts[server.name, default: []].append(Count(at: now, counters: server.requests))
      if let count = counts[server.name]?.count, count > Self.countsKept {
        counts[server.name]?.removeFirst(count - Self.countsKept)
      }
    }
    var utilisations: [ServerName: Double] = [:]
    var spans: [ServerName: (from: Timestamp, to: Timestamp)] = [:]
    for endpoint in endpoints {
      guard let host = try? await endpoint.read() else { continue }
      if let sample = host.hostSample {
        hosts[endpoint.host, default: Window()].add(sample, keeping: windowSeconds)
      }
      // What an agent inside the server would know: no clock differs there.
      let offset = host.answeredAt.map { $0.seconds(since: now) + 0.5 } ?? 0
      let shift = abs(offset) < 1 ? 0 : offset
      for container in host.containers {
        if let sample = container.sample {
          containers[container.id, default: Window()].add(sample, keeping: windowSeconds)
        }
        guard let alias = container.aliases.first, let window = containers[container.id],
          let cores = window.cores, let first = window.samples.first,
          let last = window.samples.last, let hostCores = host.cores
        else { continue }
        let fill = (hosts[endpoint.host]?.cores ?? 0) / hostCores
        let name = ServerName(alias)
        utilisations[name] = max(cores / (container.quotaCores ?? hostCores), fill)
        spans[name] = (
          first.timestamp.advanced(bySeconds: -shift), last.timestamp.advanced(bySeconds: -shift)
        )
      }
    }
    return backend.servers.map { server in
      let span = spans[server.name]
      return Sight(
        name: server.name, weight: server.weight, serves: server.state == .up,
        utilisation: utilisations[server.name],
        answeredPerSecond: span.flatMap { span in rate(of: server.name, in: span) { $0.done } },
        failedPerSecond: span.flatMap { span in rate(of: server.name, in: span) { $0.failed } })
    }
  }

  /// Writes the weights that come nearest to the shares, where they differ from those that stand, to
  /// the process that was seen last.
  func steer(_ sights: [Sight], to shares: [Double]) async {
    let weights = WeightRounding.free(shares, bounds: .standard)
    let writes = zip(sights, weights)
      .filter { $0.weight != $1 }
      .sorted { $0.0.name < $1.0.name }
      .map { WeightWrite(backend: backend, server: $0.name, weight: $1) }
    guard !writes.isEmpty else { return }
    _ = try? await balancer.write(writes, to: process)
  }

  private func rate(
    of server: ServerName, in span: (from: Timestamp, to: Timestamp),
    _ counter: (RequestCounters) -> Double
  ) -> Double? {
    guard let counts = counts[server], let first = counts.first, first.at <= span.from else {
      return nil
    }
    func value(at time: Timestamp) -> Double {
      let after = counts.firstIndex { $0.at >= time } ?? counts.count - 1
      let (upper, lower) = (counts[after], counts[max(0, after - 1)])
      let low = counter(lower.counters)
      return Line(from: lower.at, to: upper.at, first: low, rise: counter(upper.counters) - low)
        .value(at: min(time, upper.at))
    }
    let seconds = span.to.seconds(since: span.from)
    return seconds > 0 ? max(0, value(at: span.to) - value(at: span.from)) / seconds : nil
  }
}
