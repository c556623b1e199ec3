import Balancing
import Control
import TestSupport

@testable import EvenkeelDaemon

/// A cluster in memory under the real tick, and the record of what it did.
struct RecordedCluster {
  let cluster: FakeCluster
  var record: StatusRecord
  private var controller: FleetController

  /// Three servers on two hosts; the first has half the quota of the others.
  ///
  /// - Parameter slots: servers without an address beside them.
  static func make(
    mode: BackendSettings.Mode = .control, slots: Int = 0
  ) -> RecordedCluster {
    let empty = (0..<slots).map { number in
      var slot = FakeCluster.Server(ServerName("slot-\(number + 1)"), quotaCores: 1)
      slot.state = .unresolved
      return slot
    }
    let cluster = FakeCluster(
      servers: [
        .init("a", quotaCores: 0.5), .init("b", quotaCores: 1),
        .init("c", host: "web2", quotaCores: 1),
      ] + empty)
    var settings = cluster.settings()
    for index in settings.backends.indices { settings.backends[index].mode = mode }
    var record = StatusRecord(startedAt: FakeCluster.start, configFile: "/etc/evenkeel.json")
    record.configured(
      endpoints: cluster.endpoints.map(\.name), balancers: ["lb1"], backends: ["shop": ["lb1"]],
      interval: settings.interval, at: FakeCluster.start)
    return RecordedCluster(
      cluster: cluster, record: record, controller: cluster.controller(settings))
  }

  private init(cluster: FakeCluster, record: StatusRecord, controller: FleetController) {
    self.cluster = cluster
    self.record = record
    self.controller = controller
  }

  /// Lets traffic flow for ten seconds at a time, with a tick after each.
  ///
  /// - Returns: what was told meanwhile.
  @discardableResult mutating func run(ticks: Int) async -> [ControlEvent] {
    var events: [ControlEvent] = []
    for _ in 0..<ticks {
      cluster.advance(by: 10)
      let report = await controller.tick()
      record.add(report, at: cluster.snapshot.now, took: .milliseconds(20))
      events += report.events
    }
    return events
  }

  /// One more tick, with what is told of it where a verdict is wanted alone, and where all is.
  mutating func tick() async -> (short: StatusReport, whole: StatusReport) {
    cluster.advance(by: 10)
    let report = await controller.tick()
    var another = record
    let short = another.add(
      report, at: cluster.snapshot.now, took: .milliseconds(20), telling: .forVerdict)
    return (short, record.add(report, at: cluster.snapshot.now, took: .milliseconds(20)))
  }

  /// Gives an order, as it comes from the local socket.
  @discardableResult mutating func order(_ order: BrakeOrder) async -> BrakeReply {
    let report = report
    let (events, reply) = await controller.carryOut(order, by: "anna", seeing: report)
    record.note(events, at: cluster.snapshot.now)
    return reply
  }

  var report: StatusReport { record.report(at: cluster.snapshot.now, loopIsOk: true) }
}
