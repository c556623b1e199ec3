import FoundationEssentials
import Testing

@testable import Demo

struct MeasuringTests {
  private func entry(_ seconds: Int, _ cpu: [Double], _ served: [Int]) -> History.Entry {
    History.Entry(
      at: .seconds(seconds),
      readings: zip(cpu, served).map { cpu, served in
        VirtualServer.Reading(cpuNanoseconds: UInt64(cpu * 1e9), served: served)
      })
  }

  @Test func `utilisation is CPU used over CPU allowed between the readings of a span`() throws {
    var history = History(quotas: [0.1, 0.5])
    history.append(entry(0, [0, 0], [0, 0]))
    history.append(entry(10, [1, 1], [50, 60]))
    history.append(entry(20, [1.5, 3], [70, 100]))
    let activity = try #require(history.activity(in: .seconds(5)...(.seconds(25))))
    #expect(activity.utilisations == [0.5, 0.4])
    #expect(activity.requestRates == [2, 4])
    #expect(activity.spread == 0.5 / 0.45)
    #expect(history.activity(in: .seconds(15)...(.seconds(25))) == nil)
  }

  @Test func `readings are kept for two minutes`() {
    var history = History(quotas: [1])
    for second in 0...300 { history.append(entry(second, [Double(second) / 2], [second])) }
    let whole = history.activity(in: .zero...(.seconds(300)))
    #expect(whole?.utilisations == [0.5])
    #expect(history.activity(in: .zero...(.seconds(180))) == nil)
  }

  @Test func `servers that do nothing have no spread`() {
    #expect(Activity(utilisations: [0, 0], requestRates: [0, 0]).spread == nil)
  }

  @Test func `a bounded demo gives two fifths of its time to equal weights`() {
    let timeline = Timeline(seconds: 60)
    #expect(timeline.steeringBegins == .seconds(24))
    #expect(timeline.end == .seconds(60))
    #expect(timeline.before(endingAt: .milliseconds(24_100)) == .seconds(8)..<(.seconds(24)))
    #expect(timeline.after(endingAt: .seconds(60)) == .seconds(42)..<(.seconds(60)))
  }

  @Test func `an unbounded demo measures the last minute`() {
    let timeline = Timeline(seconds: nil)
    #expect(timeline.steeringBegins == .seconds(15))
    #expect(timeline.end == nil)
    #expect(timeline.after(endingAt: .seconds(1015)) == .seconds(955)..<(.seconds(1015)))
  }

  @Test func `a demo stopped before evenkeel has steered has no after`() {
    let timeline = Timeline(seconds: nil)
    #expect(timeline.before(endingAt: .seconds(6)) == .seconds(2)..<(.seconds(6)))
    #expect(timeline.after(endingAt: .seconds(6)) == nil)
    #expect(timeline.after(endingAt: .milliseconds(16_999)) == nil)
    #expect(timeline.after(endingAt: .seconds(17)) == .seconds(16)..<(.seconds(17)))
  }

  @Test func `a measurement is rounded to what it can tell`() throws {
    let measurement = try #require(
      DemoSummary.Measurement(
        activity: Activity(utilisations: [0.6, 0.5], requestRates: [6, 5]),
        latency: LatencySummary(
          requests: 11, failed: 1, p50: .microseconds(12_345), p99: .microseconds(99_951)),
        weights: ["shop-1": 40]))
    #expect(measurement.spread == 1.091)
    #expect(measurement.p50Milliseconds == 12.3)
    #expect(measurement.p99Milliseconds == 100)
    #expect(measurement.requests == 11)
    #expect(measurement.failed == 1)
    #expect(
      DemoSummary.Measurement(
        activity: nil,
        latency: LatencySummary(requests: 1, failed: 0, p50: .zero, p99: .zero), weights: [:])
        == nil)
  }
}
