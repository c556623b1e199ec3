import Balancing
import Control
import EvenkeelDaemon
import Logging
import Testing

/// What journal and status say of each kind of event: names that people's queries are made of.
@Suite struct LogLineTests {
  private static let change = WeightChange(
    backend: "shop", server: "shop-2", balancer: "lb1", old: Weight(clamping: 120),
    new: Weight(clamping: 84), reason: .scale)
  private static let inBackend = ["evenkeel_backend": "shop"]
  private static let ofServer = ["evenkeel_backend": "shop", "evenkeel_server": "shop-2"]
  private static let onBalancer = [
    "evenkeel_backend": "shop", "evenkeel_server": "shop-2", "evenkeel_balancer": "lb1",
  ]
  private static let weights = ["evenkeel_weight_old": "120", "evenkeel_weight_new": "84"]
  private static let silence = PortFailure(.timedOut, "silent")

  @Test(
    arguments: [
      (.endpointLost("web1", silence), "endpoint_lost", .warning, ["evenkeel_endpoint": "web1"]),
      (.endpointBack("web1"), "endpoint_back", .info, ["evenkeel_endpoint": "web1"]),
      (
        .answerIncomplete("web1", part: "machine", reason: "status 403", count: 2),
        "answer_incomplete", .warning, ["evenkeel_endpoint": "web1"]
      ),
      (.sameMachine("web1", "web2"), "same_machine", .notice, ["evenkeel_endpoint": "web1"]),
      (
        .hostsChanged("web.json", added: ["web3"], gone: [], count: 3), "hosts_changed", .info,
        ["evenkeel_origin": "web.json"]
      ),
      (
        .findingFailed("web.json", "no such file", kept: 2), "finding_failed", .warning,
        ["evenkeel_origin": "web.json"]
      ),
      (
        .findingBack("web.json", count: 2), "finding_back", .info, ["evenkeel_origin": "web.json"]
      ),
    ] as [(ControlEvent, String, Logger.Level, [String: String])])
  func `events of hosts`(
    event: ControlEvent, name: String, level: Logger.Level, fields: [String: String]
  ) {
    expect(event, name, level, fields)
  }

  @Test(
    arguments: [
      (.balancerLost("lb1", silence), "balancer_lost", .warning, ["evenkeel_balancer": "lb1"]),
      (.balancerBack("lb1"), "balancer_back", .info, ["evenkeel_balancer": "lb1"]),
      (.balancerReloaded("lb1"), "balancer_reloaded", .notice, ["evenkeel_balancer": "lb1"]),
      (
        .backendMissing("shop", "lb1"), "backend_missing", .warning,
        ["evenkeel_backend": "shop", "evenkeel_balancer": "lb1"]
      ),
      (
        .algorithmIsFixed("shop", "lb1", algorithm: "first"), "algorithm_is_fixed", .warning,
        ["evenkeel_backend": "shop", "evenkeel_balancer": "lb1"]
      ),
      (.oldProcessServes("shop"), "old_process_serves", .notice, inBackend),
      (.fallsBack("shop", isFallingBack: true), "falls_back", .notice, inBackend),
      (.fallsBack("shop", isFallingBack: false), "falls_back", .notice, inBackend),
      (
        .backendHolds("shop", .unreadable), "backend_holds", .warning,
        inBackend.with("reason", "no balancer that has it could be read")
      ),
      (
        .backendHolds("shop", .holding(.idle)), "backend_holds", .info,
        inBackend.with("reason", "no requests arrive")
      ),
      (.backendSteers("shop"), "backend_steers", .info, inBackend),
      (.slotsEmpty("shop", count: 3), "slots_empty", .info, inBackend),
    ] as [(ControlEvent, String, Logger.Level, [String: String])])
  func `events of balancers and backends`(
    event: ControlEvent, name: String, level: Logger.Level, fields: [String: String]
  ) {
    expect(event, name, level, fields)
  }

  @Test(
    arguments: [
      (
        .serverHolds("shop", "shop-2", .held(.noRate)), "server_holds", .warning,
        ofServer.with("reason", "only one sample of its container so far")
      ),
      (
        .serverHolds("shop", "shop-2", .held(.state(.drain))), "server_holds", .info,
        ofServer.with("reason", "draining")
      ),
      (
        .serverHolds("shop", "shop-2", .configured), "server_holds", .info,
        ofServer.with("reason", "left alone by the configuration (`hold`)")
      ),
      (.serverLive("shop", "shop-2"), "server_live", .info, ofServer),
      (
        .weightChanged(change), "weight_changed", .info,
        (onBalancer + weights).with("reason", "the scale changed")
      ),
      (
        .weightRefused(change, reply: "No such server."), "weight_refused", .error,
        (onBalancer + weights).with("reason", "No such server.")
      ),
      (
        .changedByOthers("shop", "shop-2", "lb1", from: change.old, to: change.new),
        "changed_by_others", .notice, onBalancer + weights
      ),
      (
        .leftToHand("shop", "shop-2", "lb1", from: change.old, to: change.new, seconds: 600),
        "changed_by_others", .notice, onBalancer + weights
      ),
      (
        .contested("shop", "shop-2", "lb1", .somebodyElse), "contested", .warning,
        onBalancer.with("reason", "an operator, or another evenkeel")
      ),
      (.contestOver("shop", "shop-2", "lb1"), "contest_over", .info, onBalancer),
      (
        .figureDisbelieved("shop", "shop-2", "lb1", Disbelief(.queue, value: 9)),
        "figure_disbelieved", .warning, onBalancer.with("reason", "9 requests in the queue")
      ),
      (
        .paused(.server("shop", "shop-2"), by: "ann", seconds: nil, isRestored: false), "paused",
        .notice, ofServer.with("by", "ann")
      ),
      (.resumed(.backend("shop"), by: nil), "resumed", .notice, inBackend),
      (.resumed(.all, by: "ann"), "resumed", .notice, [:].with("by", "ann")),
    ] as [(ControlEvent, String, Logger.Level, [String: String])])
  func `events of servers and weights`(
    event: ControlEvent, name: String, level: Logger.Level, fields: [String: String]
  ) {
    expect(event, name, level, fields)
  }

  private func expect(
    _ event: ControlEvent, _ name: String, _ level: Logger.Level, _ fields: [String: String]
  ) {
    let line = LogLine(event)
    #expect(line.event.name == name && line.level == level)
    #expect(line.fields == fields)
    #expect(line.text == event.description)
  }

  @Test(
    arguments: [
      (.endpointLost("web1", silence), .endpointBack("web1")),
      (.findingFailed("web.json", "no such file", kept: 2), .findingBack("web.json", count: 2)),
      (.balancerLost("lb1", silence), .balancerBack("lb1")),
      (.backendHolds("shop", .unreadable), .backendSteers("shop")),
      (.serverHolds("shop", "shop-2", .hostsUnread), .serverLive("shop", "shop-2")),
      (
        .contested("shop", "shop-2", "lb1", .somebodyElse),
        .contestOver("shop", "shop-2", "lb1")
      ),
    ] as [(ControlEvent, ControlEvent)])
  func `what breaks and is whole again is one thing that comes and goes`(
    broken: ControlEvent, whole: ControlEvent
  ) {
    #expect(LogLine(broken).subject != nil && LogLine(broken).subject == LogLine(whole).subject)
  }

  @Test func `a balancer, its process and its part of a backend come and go each for itself`() {
    let events: [ControlEvent] = [
      .balancerBack("lb1"), .balancerReloaded("lb1"), .backendMissing("shop", "lb1"),
      .backendSteers("shop"), .slotsEmpty("shop", count: 1),
      .contestOver("shop", "shop-2", "lb1"), .weightChanged(Self.change),
      .figureDisbelieved("shop", "shop-2", "lb1", Disbelief(.queue, value: 9)),
    ]
    #expect(Set(events.map { LogLine($0).subject }).count == events.count)
  }

  @Test func `what somebody wanted is always told`() {
    var restored = Self.change
    restored.reason = .restored
    let events: [ControlEvent] = [
      .weightChanged(restored), .resumed(.all, by: nil),
      .paused(.all, by: "ann", seconds: 60, isRestored: false),
    ]
    #expect(events.allSatisfy { LogLine($0).subject == nil })
  }
}

extension [String: String] {
  fileprivate static func + (left: Self, right: Self) -> Self {
    left.merging(right) { left, _ in left }
  }

  fileprivate func with(_ name: String, _ value: String) -> Self {
    self + ["evenkeel_\(name)": value]
  }
}
