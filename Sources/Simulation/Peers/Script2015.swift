internal import Balancing
internal import Control

/// The script of 2015 (abulimov/haproxy-cadvisor), from cron once a minute, with its faults: a
/// container is measured against its whole host, the window is taken to be 60 s whatever it is, states
/// are not looked at, an idle container ends the run, and the weights are scaled to about 100.
struct Script2015: Steering {
  let firstTick = 0.0
  private static let cronSeconds = 60.0
  /// As many samples as cAdvisor gave when it was not told how many.
  private static let samples = 60

  private let endpoints: [any LoadSource]
  private let balancer: any Balancer
  private var seconds = 0.0
  private var history: [String: [CPUSample]] = [:]

  init(_ endpoints: [any LoadSource], _ balancer: any Balancer) {
    self.endpoints = endpoints
    self.balancer = balancer
  }

  /// Gathers what cAdvisor would remember by itself, and runs the script once a minute.
  mutating func tick() async -> Double {
    var percent: [ServerName: Double] = [:]
    for endpoint in endpoints {
      guard let host = try? await endpoint.read(), let cores = host.cores else { continue }
      for container in host.containers {
        guard let sample = container.sample, let alias = container.aliases.first else { continue }
        var samples = history[container.id] ?? []
        if sample.timestamp != samples.last?.timestamp { samples.append(sample) }
        samples.removeFirst(max(0, samples.count - Self.samples))
        history[container.id] = samples
        guard let first = samples.first, let last = samples.last else { continue }
        let used = Double(last.cpuNanoseconds) - Double(first.cpuNanoseconds)
        percent[ServerName(alias)] = used / 60 / 10_000_000 / cores
      }
    }
    seconds += 1
    if seconds.truncatingRemainder(dividingBy: Self.cronSeconds) == 0 { await run(percent) }
    return 1
  }

  private func run(_ percent: [ServerName: Double]) async {
    guard let reading = try? await balancer.read([]),
      let (name, backend) = reading.backends.first, !percent.isEmpty
    else { return }
    let mean = percent.values.reduce(0, +) / Double(percent.count)
    var wanted: [(server: ServerName, weight: Double)] = []
    for server in backend.servers {
      guard let load = percent[server.name] else { continue }
      // The script divides by zero here, and writes nothing at all.
      guard load != 0 else { return }
      let weight = Double(server.weight.value)
      wanted.append((server.name, weight + (mean * weight / load - weight) / 2))
    }
    let scale = 100 / (wanted.reduce(0) { $0 + $1.weight } + 1)
    let writes = wanted.map { server, weight in
      let scaled = (weight * scale).rounded(.up)
      return WeightWrite(
        backend: name, server: server,
        weight: Weight(clamping: scaled.isFinite ? Int(min(max(scaled, 1), 256)) : 1))
    }
    _ = try? await balancer.write(writes, to: reading.process)
  }
}
