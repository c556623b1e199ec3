import Balancing
import Control
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// One machine that is listed under two names.
  @Suite struct SameMachineTests {
    @Test func `its containers count once, it is named once, and either name is enough`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy, entries: 2) { stage in
          let second = EndpointName(stage.cadvisors[1].url)
          let start = try await stage.twoTicks(FailurePolicy.level, through: haproxy)
          #expect(start.events == [.sameMachine(second, "host1")])
          #expect(
            start.events.first?.description == """
              \(second): is the same machine as host1, so its containers count once; list it, or \
              let it be found, under one name
              """)
          let steered = try await stage.tick(FailurePolicy.uneven, through: haproxy)
          #expect(steered.changed == ["b"] && steered.news.isEmpty)

          try await stage.cadvisors[0].stop()
          var news: [ControlEvent] = []
          for _ in 0..<8 {
            news += try await stage.tick(FailurePolicy.level, through: haproxy).news
          }
          // Nothing but that: no server is held.
          #expect(news.count == 1)
          #expect(news.first?.description.hasPrefix(stage.cadvisors[0].url) == true)
          let alone = try await stage.tick(FailurePolicy.uneven, through: haproxy)
          #expect(!alone.changed.isEmpty && alone.news.isEmpty)
          #expect(alone.status(of: "a")?.match.container?.host == "host2")

          try await stage.cadvisors[0].start()
          var back: [ControlEvent] = []
          for _ in 0..<3 {
            back += try await stage.tick(FailurePolicy.level, through: haproxy).news
          }
          #expect(back == [.endpointBack(EndpointName(stage.cadvisors[0].url))])
        }
      }
    }
  }
}
