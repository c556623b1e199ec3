import Balancing
import Control
import FoundationEssentials
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// A HAProxy that cannot be read or written.
  @Suite struct BalancerOutageTests {
    @Test func `a HAProxy that hangs is left out at its deadline until it goes on`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { frozen in
        try await RealHAProxy.run(RealHAProxy.sections()) { other in
          try await Stage.run(
            balancers: "[\(frozen.balancer("lb1")), \(other.balancer("lb2"))]", interval: "9s"
          ) { stage in
            _ = try await stage.twoTicks(level, through: other)
            frozen.freeze()
            let lost = try await stage.tick(uneven, through: other)
            #expect(lost.changed == ["b"])
            #expect(
              lost.news == [
                .balancerLost("lb1", PortFailure(.timedOut, "lb1: no answer within 3.0 s"))
              ])
            #expect(try await stage.tick(level, through: other).events.isEmpty)
            frozen.thaw()
            #expect(try await frozen.weights(of: "web") == initial)
            #expect(try await stage.tick(level, through: frozen).news == [.balancerBack("lb1")])
            _ = try await stage.tick(uneven, through: frozen)
            let weights = try await frozen.weights(of: "web")
            #expect(try #require(weights["a"]) < (try #require(weights["b"])))
          }
        }
      }
    }

    @Test func `a write that HAProxy hangs in is given up, and made good after it`() async throws {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(
          haproxy, interval: "9s", wrap: { Interruption($0) { haproxy.freeze() } }
        ) { stage in
          let lost = try await stage.twoTicks(uneven, through: haproxy)
          #expect(
            lost.events == [
              .balancerLost("lb1", PortFailure(.timedOut, "lb1: no answer within 3.0 s"))
            ])
          haproxy.thaw()
          #expect(try await haproxy.weights(of: "web") == initial)
          // Some of it might have been written: this tick waits for what comes after it.
          let after = try await stage.tick(uneven, through: haproxy)
          #expect(after.events.isEmpty)
          let back = try await stage.tick(uneven, through: haproxy)
          #expect(back.news == [.balancerBack("lb1")])
          #expect(back.changed == ["b"])
        }
      }
    }

    @Test func `a socket that is gone is told once with what to check, and once when it is back`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(haproxy) { stage in
          _ = try await stage.twoTicks(uneven, through: haproxy)
          let learned = try await haproxy.weights(of: "web")
          let files = FileManager.default
          try files.moveItem(atPath: haproxy.path("admin.sock"), toPath: haproxy.path("away"))
          let lost = try await stage.tick(level)
          guard case .balancerLost("lb1", let failure) = lost.events.first else {
            Issue.record("\(lost.events)")
            return
          }
          #expect(failure.message.contains("there is no such socket; check the path"))
          #expect(failure.message.contains("`stats socket … level admin`"))
          #expect(lost.events.dropFirst() == [.backendHolds("web", .unreadable)])
          #expect(try await stage.tick(level).events.isEmpty)
          try files.moveItem(atPath: haproxy.path("away"), toPath: haproxy.path("admin.sock"))
          #expect(
            try await stage.tick(level, through: haproxy).events
              == [.balancerBack("lb1"), .backendSteers("web")])
          #expect(try await haproxy.weights(of: "web") == learned)
        }
      }
    }

    @Test(arguments: ["operator.sock", "user.sock"])
    func `a socket below level admin is read, and its refusal told once with what to change`(
      socket: String
    ) async throws {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        try await Stage.run(balancers: "[\(haproxy.balancer(socket: socket))]") { stage in
          let refused = try await stage.twoTicks(uneven, through: haproxy)
          #expect(refused.events.count == 1)
          guard case .balancerLost("lb1", let failure) = refused.events.first else {
            Issue.record("\(refused.events)")
            return
          }
          #expect(failure.message.contains("its `stats socket` line needs `level admin`"))
          // It is tried again, and not told again.
          for _ in 0..<3 {
            let again = try await stage.tick(uneven, through: haproxy)
            #expect(again.events.isEmpty)
            #expect(again.snapshot.balancers.allSatisfy { $0.failure == nil })
            #expect(again.status(of: "a")?.utilisation?.value == 0.8)
          }
          #expect(try await haproxy.weights(of: "web") == initial)
        }
      }
    }

    @Test func `a backend that HAProxy does not have is told once, and the others go on`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { haproxy in
        let both = #"[{"name": "gone"}, {"name": "web", "strategy": "halfway"}]"#
        try await Stage.run(haproxy, backends: both) { stage in
          let report = try await stage.twoTicks(uneven, through: haproxy)
          #expect(
            report.news == [
              .backendMissing("gone", "lb1"), .backendHolds("gone", .unreadable),
            ])
          #expect(report.changed == ["b"])
        }
      }
    }

    @Test func `one backend on two HAProxys, by unix and by tcp, gets the same weights on both`()
      async throws
    {
      let place = try await FreePort.reserve()
      let tcp = "\(place.host):\(place.port)"
      let listening = RealHAProxy.sections(
        more: "global\n  stats socket ipv4@\(tcp) level admin")
      try await RealHAProxy.run(RealHAProxy.sections()) { first in
        try await RealHAProxy.run(listening) { second in
          try await Stage.run(
            balancers: #"[\#(first.balancer()), {"name": "lb2", "address": "tcp:\#(tcp)"}]"#
          ) { stage in
            let report = try await stage.twoTicks(uneven, through: second)
            #expect(report.news.isEmpty)
            #expect(report.events.count == 2)
            let weights = try await first.weights(of: "web")
            #expect(try #require(weights["a"]) < (try #require(weights["b"])))
            #expect(try await second.weights(of: "web") == weights)
          }
        }
      }
    }

    @Test func `a balancer that is not to be written keeps its weights, and is read all the same`()
      async throws
    {
      try await RealHAProxy.run(RealHAProxy.sections()) { untouched in
        try await RealHAProxy.run(RealHAProxy.sections()) { written in
          let readOnly =
            #"{"name": "lb1", "address": "unix:\#(untouched.path("admin.sock"))", "write": false}"#
          try await Stage.run(
            balancers: "[\(readOnly), \(written.balancer("lb2"))]"
          ) { stage in
            let report = try await stage.twoTicks(uneven, through: written)
            #expect(report.news.isEmpty)
            #expect(report.status(of: "a")?.weights.map(\.balancer) == ["lb1", "lb2"])
            #expect(try await written.weights(of: "web") != initial)
            #expect(try await untouched.weights(of: "web") == initial)
          }
        }
      }
    }
  }
}
