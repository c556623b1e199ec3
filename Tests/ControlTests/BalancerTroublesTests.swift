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
    troubles.keepOnly(["lb2"], written: ["lb2"])
    #expect(troubles.ends(.unwritable, with: "lb1") == false)
  }

  @Test(arguments: [[BalancerTroubles.Kind.unwritable], [.unread], [.unwritable, .unread]])
  func `a new process is whole once it can be read`(kinds: [BalancerTroubles.Kind]) {
    var troubles = BalancerTroubles()
    #expect(troubles.isRead("lb1", isNew: true) == false)
    for kind in kinds { #expect(troubles.begins(kind, with: "lb1") == true) }
    #expect(troubles.isRead("lb1", isNew: true) == true)
    #expect(troubles.isRead("lb1", isNew: true) == false)
    #expect(troubles == BalancerTroubles())
  }

  /// What is said of a balancer that can be read from the first tick on, and refuses each write.
  private struct Refusal {
    static let refused = PortFailure(.permissionDenied, "lb1: not allowed")
    static let silent = PortFailure(.timedOut, "lb1: no answer")
    let cluster = FakeCluster(
      servers: [0.08, 0.16, 0.32, 0.48].enumerated().map { index, quota in
        .init(ServerName("shop-\(index + 1)"), quotaCores: quota)
      }, demand: ["lb1": 60])
    var controller: FleetController

    init() {
      cluster.change { $0.balancers["lb1"]?.writeFailure = Self.refused }
      controller = cluster.controller()
    }

    mutating func said(ticks: Int) async -> [ControlEvent] {
      await cluster.run(&controller, ticks: ticks).flatMap(\.events).filter {
        switch $0 {
        case .balancerLost, .balancerBack: true
        default: false
        }
      }
    }

    /// - Returns: what is said of an outage of one tick, and of four ticks after it.
    mutating func saidOfOutage() async -> [ControlEvent] {
      cluster.change { $0.balancers["lb1"]?.failure = Self.silent }
      let lost = await said(ticks: 1)
      cluster.change { $0.balancers["lb1"]?.failure = nil }
      return await lost + said(ticks: 4)
    }
  }

  @Test func `a balancer that answers again and still refuses to be written is not back`() async {
    var refusal = Refusal()
    #expect(await refusal.said(ticks: 4) == [.balancerLost("lb1", Refusal.refused)])
    #expect(await refusal.saidOfOutage() == [.balancerLost("lb1", Refusal.silent)])
    refusal.cluster.change { $0.balancers["lb1"]?.writeFailure = nil }
    #expect(await refusal.said(ticks: 10) == [.balancerBack("lb1")])
  }

  @Test func `one that is only observed by now is back after each outage`() async {
    var refusal = Refusal()
    #expect(await refusal.said(ticks: 4) == [.balancerLost("lb1", Refusal.refused)])
    var settings = refusal.cluster.settings()
    for index in settings.backends.indices { settings.backends[index].mode = .observe }
    await refusal.controller.reconfigure(
      settings, endpoints: refusal.cluster.endpoints, balancers: refusal.cluster.loadBalancers)
    #expect(await refusal.said(ticks: 1) == [])
    let outage: [ControlEvent] = [.balancerLost("lb1", Refusal.silent), .balancerBack("lb1")]
    #expect(await refusal.saidOfOutage() == outage)
    #expect(await refusal.saidOfOutage() == outage)
  }

  @Test func `a pause proves nothing`() async {
    var refusal = Refusal()
    #expect(await refusal.said(ticks: 4) == [.balancerLost("lb1", Refusal.refused)])
    _ = refusal.controller.pause(.all, forSeconds: nil, by: "somebody")
    #expect(await refusal.said(ticks: 3) == [])
    _ = refusal.controller.resume(.all, by: "somebody")
    #expect(await refusal.said(ticks: 3) == [])
  }

  @Test func `a new process has refused nothing until it does`() async {
    var refusal = Refusal()
    #expect(await refusal.said(ticks: 4) == [.balancerLost("lb1", Refusal.refused)])
    refusal.cluster.reload("lb1")
    #expect(
      await refusal.said(ticks: 4)
        == [.balancerBack("lb1"), .balancerLost("lb1", Refusal.refused)])
  }
}
