import Balancing
import Control
import Testing

@Suite struct SampleStoreTests {
  private static func time(_ seconds: Double) -> Timestamp {
    Timestamp(nanoseconds: 1_700_000_000_000_000_000).advanced(bySeconds: seconds)
  }

  private static func sample(_ seconds: Double, cpu: Double = 0) -> CPUSample {
    CPUSample(timestamp: time(seconds), cpuNanoseconds: UInt64(cpu * 1e9))
  }

  private static func outcome(
    _ containers: [(id: String, sample: CPUSample)], at seconds: Double = 0
  ) -> EndpointOutcome {
    EndpointOutcome(
      endpoint: "http://web1:8080", host: "web1", receivedAt: time(seconds),
      answer: .success(
        HostReading(
          answeredAt: time(seconds), cores: 4, hostSample: sample(seconds),
          containers: containers.map {
            ContainerReading(
              id: $0.id, aliases: [$0.id], labels: [:], sample: $0.sample, quotaCores: nil)
          })))
  }

  @Test func `the same reading twice is one sample`() async {
    let store = SampleStore()
    _ = await store.ingest([Self.outcome([("a", Self.sample(0, cpu: 1))])])
    let view = await store.ingest([Self.outcome([("a", Self.sample(0, cpu: 1))])])
    #expect(view.hosts["web1"]?.containers["a"]?.window.samples == [Self.sample(0, cpu: 1)])
  }

  @Test func `an idle container's newer reading of the same value is a sample`() async {
    let store = SampleStore()
    _ = await store.ingest([Self.outcome([("a", Self.sample(0, cpu: 1))])])
    let view = await store.ingest([Self.outcome([("a", Self.sample(5, cpu: 1))])])
    #expect(view.hosts["web1"]?.containers["a"]?.window.samples.count == 2)
  }

  @Test func `samples are bounded in number and in age`() async throws {
    let store = SampleStore()
    for second in 0..<200 {
      _ = await store.ingest([Self.outcome([("a", Self.sample(Double(second)))])])
    }
    var view = await store.view
    var samples = try #require(view.hosts["web1"]?.containers["a"]?.window.samples)
    #expect(samples.count == 64)
    #expect(samples.last == Self.sample(199))
    view = await store.ingest([Self.outcome([("a", Self.sample(199 + 239.5))])])
    samples = try #require(view.hosts["web1"]?.containers["a"]?.window.samples)
    #expect(samples == [Self.sample(199), Self.sample(199 + 239.5)])
  }

  @Test func `a container that is no longer listed is gone, and new when it returns`() async {
    let store = SampleStore()
    let first = await store.ingest([Self.outcome([("a", Self.sample(0)), ("b", Self.sample(0))])])
    let without = await store.ingest([Self.outcome([("b", Self.sample(5))])])
    let back = await store.ingest([Self.outcome([("a", Self.sample(10)), ("b", Self.sample(10))])])
    #expect(without.hosts["web1"]?.containers["a"] == nil)
    #expect(back.hosts["web1"]?.containers["a"]?.window.samples.count == 1)
    #expect(back.hosts["web1"]?.containers["b"]?.window.samples.count == 3)
    #expect(without.inventoryVersion > first.inventoryVersion)
  }

  @Test func `an endpoint without an answer keeps what it had`() async {
    let store = SampleStore()
    let before = await store.ingest([Self.outcome([("a", Self.sample(0))])])
    let after = await store.ingest([
      EndpointOutcome(
        endpoint: "http://web1:8080", host: "web1", receivedAt: Self.time(10),
        answer: .failure(PortFailure(.timedOut, "silent")))
    ])
    #expect(
      after.hosts["web1"]?.containers["a"]?.window == before.hosts["web1"]?.containers["a"]?.window)
    #expect(after.inventoryVersion == before.inventoryVersion)
  }

  @Test func `hosts that are no longer polled are forgotten`() async {
    let store = SampleStore()
    _ = await store.ingest([Self.outcome([("a", Self.sample(0))])])
    await store.keepOnly(["web2"])
    #expect(await store.view.hosts.isEmpty)
  }

  @Test func `a wrong clock is told by the median of the last dates`() {
    var offset = ClockOffset()
    for second in 0..<9 {
      let late = second == 4 ? 30.0 : 0
      offset.observe(
        answeredAt: Self.time(Double(second) + 7200), receivedAt: Self.time(Double(second) + late))
    }
    #expect(abs(offset.value - 7200.5) < 1e-6)
  }

  @Test func `a clock within a second is right, since a date has whole seconds`() {
    var offset = ClockOffset()
    offset.observe(answeredAt: Self.time(0), receivedAt: Self.time(0.9))
    #expect(offset.value == 0)
  }
}
