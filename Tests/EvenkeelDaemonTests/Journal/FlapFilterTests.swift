import Balancing
import Control
import EvenkeelDaemon
import Logging
import TestSupport
import Testing

@Suite struct FlapFilterTests {
  private static let lost = LogLine(
    .endpointLost("http://web1:8080", PortFailure(.timedOut, "http://web1:8080: silent")))
  private static let back = LogLine(.endpointBack("http://web1:8080"))

  /// What is written when web1 is lost and back by turns, a change every ten seconds.
  private static func flap(
    _ changes: Int, _ filter: inout FlapFilter, from start: Duration = .zero
  ) -> [LogLine] {
    (0..<changes).flatMap { index -> [LogLine] in
      let now = start + .seconds(10 * index)
      let line = filter.filter(index.isMultiple(of: 2) ? lost : back, at: now)
      return [line].compactMap(\.self) + filter.summaries(at: now)
    }
  }

  @Test func `few changes are told one by one`() {
    var filter = FlapFilter()
    #expect(Self.flap(5, &filter) == [Self.lost, Self.back, Self.lost, Self.back, Self.lost])
  }

  @Test func `many are said to be many, and then summed up`() throws {
    var filter = FlapFilter()
    let lines = Self.flap(8640, &filter)
    #expect(lines.count <= 5 + 1 + 144)
    let first = try #require(lines.dropFirst(5).first)
    #expect(first.event == .flapping && first.fields == Self.back.fields)
    #expect(
      first.text == "http://web1:8080: answers again; this keeps coming and going, "
        + "6 times within 50 s; from now on told every 10m")
    #expect(lines.dropFirst(6).allSatisfy { $0.event == .flapping })
    #expect(lines.dropFirst(6).first?.text.hasSuffix("60 times in the last 10 minutes") == true)
  }

  @Test func `what has come to rest is told with its state, and then one by one again`() {
    var filter = FlapFilter()
    _ = Self.flap(7, &filter)
    #expect(filter.summaries(at: .seconds(640)).isEmpty)
    let sum = filter.summaries(at: .seconds(650))
    #expect(sum.map(\.event) == [.flapping])
    #expect(sum.allSatisfy { $0.text.hasPrefix("http://web1:8080: silent") })
    #expect(filter.summaries(at: .seconds(1_240)).isEmpty)
    #expect(filter.summaries(at: .seconds(1_250)).map(\.event) == [.settled])
    #expect(filter.summaries(at: .seconds(9_999)).isEmpty)
    #expect(filter.filter(Self.back, at: .seconds(10_000)) == Self.back)
  }

  @Test func `changes that are far apart are never many`() {
    var filter = FlapFilter()
    for index in 0..<100 {
      let now = Duration.seconds(121 * index)
      #expect(filter.filter(Self.lost, at: now) == Self.lost)
      #expect(filter.summaries(at: now).isEmpty)
    }
  }

  @Test func `one that flaps does not silence another, nor what is no levelling`() {
    var filter = FlapFilter()
    _ = Self.flap(20, &filter)
    let other = LogLine(.endpointBack("http://web2:8080"))
    #expect(filter.filter(other, at: .seconds(200)) == other)
    let change = Self.changed("shop-1", .restored)
    for _ in 0..<50 { #expect(filter.filter(change, at: .seconds(200)) == change) }
  }

  private static func changed(
    _ server: ServerName, _ reason: WeightChange.Reason = .scale
  ) -> LogLine {
    LogLine(
      .weightChanged(
        WeightChange(
          backend: "shop", server: server, balancer: "lb1", old: Weight(clamping: 1),
          new: Weight(clamping: 2), reason: reason)))
  }

  @Test func `a weight that changes at every tick is told one by one for minutes`() {
    var filter = FlapFilter()
    for tick in 0..<39 {
      let line = Self.changed("shop-1")
      #expect(filter.filter(line, at: .seconds(10 * tick)) == line)
    }
  }

  @Test func `a weight that changes every two seconds is summed up, and no other with it`() throws {
    var filter = FlapFilter()
    var lines: [LogLine] = []
    for look in 0..<900 {
      let now = Duration.seconds(2 * look)
      lines += [filter.filter(Self.changed("shop-1"), at: now)].compactMap(\.self)
      lines += filter.summaries(at: now)
    }
    #expect(lines.prefix(39).allSatisfy { $0 == Self.changed("shop-1") })
    let first = try #require(lines.dropFirst(39).first)
    #expect(first.event == .flapping && first.level == .info)
    #expect(
      first.text.hasSuffix(
        "; it keeps changing, 40 times within 78 s; from now on told every 10m"), "\(first.text)")
    #expect(first.fields["evenkeel_weight_new"] == "2")
    #expect(lines.count == 42)
    let other = Self.changed("shop-2")
    #expect(filter.filter(other, at: .seconds(1_800)) == other)
  }

  @Test func `a day of a cAdvisor that fails at every second tick is few lines`() async {
    let cluster = FakeCluster(
      servers: [
        .init("shop-1", host: "web1", quotaCores: 1), .init("shop-2", host: "web2", quotaCores: 1),
        .init("shop-3", host: "web2", quotaCores: 1),
      ])
    var controller = cluster.controller()
    var filter = FlapFilter()
    var lines: [LogLine] = []
    for tick in 0..<8640 {
      let failure = PortFailure(.timedOut, "web1: silent")
      cluster.change { $0.endpointFailures["web1"] = tick.isMultiple(of: 2) ? failure : nil }
      let now = Duration.seconds(10 * tick)
      let report = await controller.tick()
      lines += report.events.compactMap { filter.filter(LogLine($0), at: now) }
      lines += filter.summaries(at: now)
      cluster.advance(by: 10)
    }
    let told = lines.filter { $0.event.name != "weight_changed" }
    #expect(told.count < 200, "\(told.suffix(5))")
    #expect(told.contains { $0.event == .flapping })
  }

  @Test func `a healthy day is told in a few lines`() async {
    let cluster = FakeCluster(
      servers: (1...4).map { .init(ServerName("shop-\($0)"), quotaCores: 0.5 * Double($0)) },
      demand: ["lb1": 50])
    var controller = cluster.controller()
    var filter = FlapFilter()
    var lines: [LogLine] = []
    for tick in 0..<8640 {
      lines += await controller.tick().events.compactMap {
        filter.filter(LogLine($0), at: .seconds(10 * tick))
      }
      cluster.advance(by: 10)
    }
    #expect(lines.count < 50, "\(lines.map(\.text))")
  }
}
