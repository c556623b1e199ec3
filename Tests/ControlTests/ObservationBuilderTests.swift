import Balancing
import Testing

@testable import Control

/// What a strategy is shown of a backend.
@Suite struct ObservationBuilderTests {
  private static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
  private static let key = ContainerKey(host: "web1", id: "/docker/a", alias: "a")
  private static let matches: [ServerName: Match] = ["a": .container(key, .alias)]

  private static func samples(flaw: String? = nil) async -> SampleView {
    let sample = CPUSample(timestamp: now, cpuNanoseconds: 1_000_000_000)
    var container = ContainerReading(
      id: key.id, aliases: ["a"], labels: [:], sample: sample, quotaCores: 0.5)
    container.flaw = flaw
    let reading = HostReading(
      answeredAt: now, cores: 4, hostSample: sample, containers: [container])
    return await SampleStore().ingest([
      EndpointOutcome(
        endpoint: "http://web1:8080", host: "web1", receivedAt: now, answer: .success(reading))
    ])
  }

  private static func servers(limit: Int? = nil) -> BackendServers {
    BackendServers(
      ["lb1", "lb2"].map { balancer in
        let servers = ["a", "b"].map { name in
          ServerReading(
            name: ServerName(name), state: .up, weight: Weight(clamping: 100),
            initialWeight: Weight(clamping: 100),
            requests: RequestCounters(arrived: 0, done: 0, inFlight: 0), queued: 2, limit: limit)
        }
        return (
          BalancerName(balancer),
          BackendReading(
            algorithm: .dynamic(.rate), algorithmName: "roundrobin", servers: servers)
        )
      })
  }

  private static func builder(
    limit: Int? = nil, flaw: String? = nil, measure: BackendSettings.Measure = .fullest
  ) async -> ObservationBuilder {
    let samples = await samples(flaw: flaw)
    return ObservationBuilder(
      servers(limit: limit).matched(by: matches, in: samples), samples, measure: measure)
  }

  @Test func `what is remembered of a server stands beside what was read of it`() async {
    let builder = await Self.builder(limit: 10)
    let counters = RequestCounters(arrived: 9, done: 8, inFlight: 1)
    let observed = builder.servers(work: ContainerWork([]), carriers: []) { server in
      ObservationBuilder.Known(
        isHeld: server.name == "b", share: 0.25, configuredShare: 0.5, weightIsOurs: false,
        requests: counters, responseSeconds: 0.1)
    }
    #expect(observed.map(\.name) == ["a", "b"])
    #expect(observed.map(\.isHeld) == [false, true])
    for server in observed {
      #expect(server.share == 0.25 && server.configuredShare == 0.5 && !server.weightIsOurs)
      #expect(server.requests == counters && server.work == counters)
      #expect(server.queued == 4 && server.responseSeconds == 0.1 && server.limit == 20)
    }
    #expect(observed[0].container?.capacity.toldCores == 0.5 && observed[1].container == nil)
    #expect(builder.hosts["web1"]?.cores == 4)
  }

  @Test func `by the container's measure no quota counts`() async {
    let builder = await Self.builder(measure: .container)
    let observed = builder.servers(work: ContainerWork([]), carriers: []) { _ in .init() }
    #expect(observed[0].container != nil && observed[0].container?.capacity.toldCores == nil)
    #expect(builder.hosts["web1"]?.cores == 4)
  }

  @Test func `a container of which something cannot be known is as good as not there`() async {
    let builder = await Self.builder(flaw: "no figure")
    let observed = builder.servers(work: ContainerWork([]), carriers: []) { _ in .init() }
    #expect(observed[0].container == nil)
  }

  @Test func `no limit is known while one that carries traffic is not read`() async {
    let builder = await Self.builder(limit: 10)
    let observed = builder.servers(work: ContainerWork([]), carriers: nil) { _ in .init() }
    #expect(observed.allSatisfy { $0.limit == nil })
  }

  @Test func `a container that serves other backends is shown with all its work`() async {
    let (mine, theirs) = (
      RequestCounters(arrived: 3, done: 3, inFlight: 0),
      RequestCounters(arrived: 5, done: 4, inFlight: 1)
    )
    let work = ContainerWork([(Self.matches, ["a": mine]), (Self.matches, ["a": theirs])])
    let builder = await Self.builder()
    let observed = builder.servers(work: work, carriers: []) { _ in .init(requests: mine) }
    #expect(observed[0].requests == mine)
    #expect(observed[0].work == RequestCounters(arrived: 8, done: 7, inFlight: 1))
    #expect(observed[1].work == mine)
  }
}
