import Balancing
import Control
import Foundation
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

  /// Readings of one container under several cgroups.
  private static func twins(
    _ samples: [(id: String, sample: CPUSample?)], flaws: [String: String] = [:]
  ) -> EndpointOutcome {
    EndpointOutcome(
      endpoint: "http://web1:8080", host: "web1", receivedAt: time(0),
      answer: .success(
        HostReading(
          answeredAt: nil, cores: nil, hostSample: nil,
          containers: samples.map {
            ContainerReading(
              id: $0.id, aliases: ["s1", String(repeating: "a", count: 64)], labels: [:],
              sample: $0.sample, quotaCores: 1, flaw: flaws[$0.id])
          })))
  }

  private static func used(_ view: SampleView) -> [String] {
    view.hosts["web1"]?.containers.filter { $0.1.twin == nil }.map(\.0) ?? []
  }

  @Test func `of a container under two cgroups the one that counts is used`() async {
    let store = SampleStore()
    var view = await store.ingest([
      Self.twins([("a", Self.sample(0, cpu: 9)), ("b", Self.sample(0, cpu: 0))])
    ])
    #expect(Self.used(view) == ["a"], "at first the one that has counted the most")
    view = await store.ingest([
      Self.twins([("a", Self.sample(10, cpu: 9)), ("b", Self.sample(10, cpu: 1))])
    ])
    #expect(Self.used(view) == ["b"], "the first does not count at all")
    let version = view.inventoryVersion
    for second in 2..<20 {
      let time = Double(second) * 10
      view = await store.ingest([
        Self.twins([
          ("a", Self.sample(time, cpu: 9 + Double(second))),
          ("b", Self.sample(time + 0.01, cpu: Double(second))),
        ])
      ])
      #expect(Self.used(view) == ["b"], "both count, so there is no reason to change")
    }
    #expect(view.inventoryVersion == version)
  }

  @Test func `a twin whose samples are old, or that has a flaw, is not used`() async {
    var view = await SampleStore().ingest([
      Self.twins([("a", Self.sample(-600, cpu: 9)), ("b", Self.sample(0, cpu: 1))])
    ])
    #expect(Self.used(view) == ["b"])
    view = await SampleStore().ingest([
      Self.twins([("a", Self.sample(0, cpu: 9)), ("b", Self.sample(0, cpu: 1))], flaws: ["a": "x"])
    ])
    #expect(Self.used(view) == ["b"])
  }

  @Test func `a host that lists no container any more has lost sight of those that it had`() async {
    let store = SampleStore()
    let first = await store.ingest([Self.outcome([("a", Self.sample(0))])])
    let blind = await store.ingest([Self.outcome([])])
    let track = blind.hosts["web1"]?.containers["a"]
    #expect(track?.flaw == "its source answers, and knows no container any more")
    #expect(track?.window == first.hosts["web1"]?.containers["a"]?.window)
    #expect(blind.inventoryVersion == first.inventoryVersion)
    let back = await store.ingest([Self.outcome([("a", Self.sample(10))])])
    #expect(back.hosts["web1"]?.containers["a"]?.flaw == nil)
  }

  @Test func `of a container that is nobody's server next to nothing is kept`() async {
    let store = SampleStore()
    await store.serve(["web1": ["a"]])
    for second in 0..<100 {
      let sample = Self.sample(Double(second), cpu: Double(second))
      _ = await store.ingest([Self.outcome([("a", sample), ("b", sample)])])
    }
    let containers = await store.view.hosts["web1"]?.containers
    #expect(containers?["a"]?.window.samples.count == 64)
    #expect(
      containers?["b"]?.window.samples == (97...99).map { Self.sample(Double($0), cpu: Double($0)) }
    )
    // It is still told from one that is idle.
    #expect(containers?["b"]?.recentPeakCores ?? 0 > 0.9)
  }

  /// A host of 4 cores with a server and others, of which only some are told.
  private static func some(
    _ ids: [String], at seconds: Double, server: Double, host: Double, others: Int
  ) -> EndpointOutcome {
    var reading = HostReading(
      answeredAt: time(seconds), cores: 4, hostSample: sample(seconds, cpu: host),
      containers: ids.map {
        ContainerReading(
          id: $0, aliases: [$0], labels: [:],
          // Another takes a quarter of a core.
          sample: sample(
            seconds, cpu: $0 == "server" ? server : $0 == "other-0" ? 10 + seconds / 4 : 1),
          quotaCores: 1)
      })
    reading.others = others
    return EndpointOutcome(
      endpoint: "http://web1:8080", host: "web1", receivedAt: time(seconds),
      answer: .success(reading))
  }

  @Test func `containers that were not asked for stay as they were`() async {
    let store = SampleStore()
    await store.serve(["web1": ["server"]])
    let ids = ["server"] + (0..<20).map { "other-\($0)" }
    _ = await store.ingest([Self.some(ids, at: -10, server: 0, host: 0, others: 0)])
    let all = await store.ingest([Self.some(ids, at: 0, server: 5, host: 10, others: 0)])
    var view = all
    for tick in 1...6 {
      let seconds = 10 * Double(tick)
      let told = Self.some(
        ["server"], at: seconds, server: 5 + seconds / 2, host: 10 + seconds, others: 20)
      #expect(told.containerCount == 21)
      view = await store.ingest([told])
    }
    let host = view.hosts["web1"]
    #expect(host?.containers.count == 21)
    #expect(host?.containers["server"]?.window.samples.count == 8)
    #expect(host?.containers["other-3"]?.window == all.hosts["web1"]?.containers["other-3"]?.window)
    #expect(host?.containers["other-3"]?.flaw == nil)
    #expect(host?.window.samples.count == 8)
    #expect(view.inventoryVersion == all.inventoryVersion)
    // The host's core less the server's half and what the other took when it was looked at; over a minute.
    #expect(abs((host?.outsideCores ?? 0) - 0.25 * (1 - pow(5.0 / 6, 7))) < 1e-9)

    view = await store.ingest([Self.some([], at: 70, server: 0, host: 80, others: 21)])
    #expect(view.hosts["web1"]?.containers["server"]?.flaw == nil, "nobody lost sight of it")
  }

  @Test func `one that becomes a server has a rate at once`() async {
    let store = SampleStore()
    await store.serve([:])
    for second in [0.0, 10, 20] {
      _ = await store.ingest([Self.outcome([("a", Self.sample(second, cpu: second))])])
    }
    await store.serve(["web1": ["a"]])
    let view = await store.ingest([Self.outcome([("a", Self.sample(30, cpu: 30))])])
    #expect(view.hosts["web1"]?.containers["a"]?.window.samples.count == 4)
  }
}
