import Balancing
import TestSupport
import Testing

@testable import Control

/// That something is the matter with a balancer is said where it begins, and that nothing is once.
@Suite struct BalancerTroublesTests {
  @Test func `nothing is over while the other is the matter`() {
    var troubles = BalancerTroubles()
    #expect(troubles.begins(.unwritable, with: "lb1") == true)
    #expect(troubles.begins(.unwritable, with: "lb1") == false)
    #expect(troubles.begins(.unread, with: "lb1") == true)
    #expect(troubles.ends(.unread, with: "lb1") == false)
    #expect(troubles.ends(.unread, with: "lb1") == false)
    #expect(troubles.ends(.unwritable, with: "lb1") == true)
    #expect(troubles.ends(.unwritable, with: "lb1") == false)
  }

  @Test func `each balancer has its own`() {
    var troubles = BalancerTroubles()
    #expect(troubles.begins(.unwritable, with: "lb1") == true)
    #expect(troubles.begins(.unread, with: "lb2") == true)
    #expect(troubles.ends(.unread, with: "lb2") == true)
    troubles.keepOnly(["lb2"], readOnly: [])
    #expect(troubles.ends(.unwritable, with: "lb1") == false)
  }

  @Test func `what is no longer written is whole once it can be read`() {
    var troubles = BalancerTroubles()
    #expect(troubles.begins(.unwritable, with: "lb1") == true)
    #expect(troubles.begins(.unread, with: "lb1") == true)
    troubles.keepOnly(["lb1"], readOnly: ["lb1"])
    #expect(troubles.ends(.unread, with: "lb1") == true)
  }

  @Test func `a balancer that answers again and still refuses to be written is not back`() async {
    let cluster = FakeCluster(
      servers: [0.08, 0.16, 0.32, 0.48].enumerated().map { index, quota in
        .init(ServerName("shop-\(index + 1)"), quotaCores: quota)
      }, demand: ["lb1": 60])
    let (refused, silent) = (
      PortFailure(.permissionDenied, "lb1: not allowed"), PortFailure(.timedOut, "lb1: no answer")
    )
    cluster.change { $0.balancers["lb1"]?.writeFailure = refused }
    var controller = cluster.controller()
    func said(ticks: Int) async -> [ControlEvent] {
      await cluster.run(&controller, ticks: ticks).flatMap(\.events).filter {
        switch $0 {
        case .balancerLost, .balancerBack: true
        default: false
        }
      }
    }
    #expect(await said(ticks: 4) == [.balancerLost("lb1", refused)])
    cluster.change { $0.balancers["lb1"]?.failure = silent }
    #expect(await said(ticks: 1) == [.balancerLost("lb1", silent)])
    cluster.change { $0.balancers["lb1"]?.failure = nil }
    #expect(await said(ticks: 4) == [])
    cluster.change { $0.balancers["lb1"]?.writeFailure = nil }
    #expect(await said(ticks: 10) == [.balancerBack("lb1")])
  }
}
