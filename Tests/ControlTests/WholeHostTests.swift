import Balancing
import Testing

@testable import Control

/// Servers without a container, whose host is what is measured.
@Suite struct WholeHostTests {
  private static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

  private struct AnyName: NamePattern {
    var source: String { ".*" }
    func groups(atStartOf name: String) -> [String?]? { [name] }
  }

  private func view(isWholeHost: Bool, cpuSeconds: [Double]) async -> SampleView {
    let store = SampleStore()
    var view = await store.view
    for (index, seconds) in cpuSeconds.enumerated() {
      let time = Self.now.advanced(bySeconds: Double(10 * index))
      let sample = CPUSample(timestamp: time, cpuNanoseconds: UInt64(seconds * 1e9))
      let reading = HostReading(
        answeredAt: nil, cores: 4, hostSample: sample,
        containers: [
          ContainerReading(
            id: "/", aliases: ["web1"], labels: [:], sample: sample, quotaCores: nil,
            isWholeHost: isWholeHost)
        ], addresses: ["10.0.0.1"])
      view = await store.ingest([
        EndpointOutcome(
          endpoint: "http://web1:9100/metrics", host: "web1", receivedAt: time,
          answer: .success(reading))
      ])
    }
    return view
  }

  private func matches(in view: SampleView) -> [ServerName: Match] {
    Matcher(MatchingRules(pattern: AnyName(), byAddress: true))
      .match([("a", "10.0.0.1"), ("b", "10.0.0.1")], in: view.hosts)
  }

  private func parts(of matches: [ServerName: Match], in view: SampleView) -> HostParts {
    HostParts(
      matches.map { name, match in
        MatchedServer(
          BackendServers.Server(name: name, address: nil, state: .up, byBalancer: [:]), match,
          in: view)
      })
  }

  @Test func `a machine may be several servers', a container may not`() async {
    let whole = matches(in: await view(isWholeHost: true, cpuSeconds: [1]))
    #expect(whole.values.allSatisfy { $0.container?.id == "/" } && whole.count == 2)
    let container = matches(in: await view(isWholeHost: false, cpuSeconds: [1]))
    #expect(container.values.allSatisfy { $0.container == nil } && container.count == 2)
  }

  @Test func `each server is an equal part of its machine`() async throws {
    let view = await view(isWholeHost: true, cpuSeconds: [10, 30])
    let matches = matches(in: view)
    let parts = parts(of: matches, in: view)
    let key = try #require(matches["a"]?.container)
    let track = try #require(view.hosts["web1"]?.containers["/"])
    #expect(
      parts.samples(of: key, track).map(\.cpuNanoseconds) == [5_000_000_000, 15_000_000_000])
    #expect(parts.id(of: key, for: "a") != parts.id(of: key, for: "b"))
    let all = RequestCounters(arrived: 100, done: 90, failed: 10, inFlight: 4, tried: 102)
    #expect(
      parts.part(of: key, all)
        == RequestCounters(arrived: 50, done: 45, failed: 5, inFlight: 2, tried: 51))
  }

  @Test func `the only server of a machine is all of it`() async throws {
    let view = await view(isWholeHost: true, cpuSeconds: [10])
    let matches = matches(in: view).filter { $0.key == "a" }
    let parts = parts(of: matches, in: view)
    let key = try #require(matches["a"]?.container)
    #expect(parts.id(of: key, for: "a") == "/")
    let track = try #require(view.hosts["web1"]?.containers["/"])
    #expect(parts.samples(of: key, track).map(\.cpuNanoseconds) == [10_000_000_000])
  }
}
