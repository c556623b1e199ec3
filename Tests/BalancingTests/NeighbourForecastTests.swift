import TestSupport
import Testing

@testable import Balancing

/// What neighbours are to be reckoned with.
@Suite struct NeighbourForecastTests {
  private static let lag = 12.0

  /// A forecast of what was measured over windows of so many seconds each.
  private func forecast(_ parts: some Sequence<Double>, every seconds: Double = 5)
    -> NeighbourForecast
  {
    var forecast = NeighbourForecast()
    var now = at(0)
    for part in parts {
      let next = now.advanced(bySeconds: seconds)
      forecast.add(part, from: now, to: next, lag: Self.lag)
      now = next
    }
    return forecast
  }

  /// A square wave: on and off for so many seconds each, and as long as that in its last state.
  private func square(_ part: Double, seconds: Double, cycles: Int, ends isOn: Bool) -> [Double] {
    let half = Array(repeating: 1.0, count: Int(seconds / 5))
    let cycle = half.map { _ in 0.0 } + half.map { $0 * part }
    let all = (0..<cycles).flatMap { _ in cycle }
    return isOn ? all : all + half.map { _ in 0.0 }
  }

  @Test func `nothing is reckoned with before anything was measured`() {
    #expect(NeighbourForecast().part(lag: 10) == 0)
    #expect(NeighbourForecast().now == nil)
  }

  @Test(arguments: [0.0, 0.3, 1.0]) func `one that stays is reckoned with as it is`(part: Double) {
    for count in [1, 2, 50] {
      let found = forecast(Array(repeating: part, count: count)).part(lag: Self.lag)
      #expect(abs(found - part) < 1e-9)
    }
  }

  @Test func `one that comes for the first time is reckoned with at once`() {
    let quiet = Array(repeating: 0.0, count: 60)
    #expect(forecast(quiet + [0.6]).part(lag: Self.lag) > 0.5)
  }

  @Test func `one that comes and goes quickly is reckoned with while it is away, too`() {
    let away = forecast(square(0.6, seconds: 10, cycles: 30, ends: false)).part(lag: Self.lag)
    let there = forecast(square(0.6, seconds: 10, cycles: 30, ends: true)).part(lag: Self.lag)
    #expect(away > 0.5)
    #expect(there - away < 0.05)
  }

  @Test func `one that stays for long is soon not reckoned with any more when it has left`() {
    let long = square(0.6, seconds: 900, cycles: 2, ends: false)
    #expect(forecast(long).part(lag: Self.lag) < 0.3)
    // The longer it is away, the less.
    let start = long.count - Int(900.0 / 5)
    let course = [5, 30, 180].map {
      forecast(long.prefix(start + $0)).part(lag: Self.lag)
    }
    #expect(course == course.sorted(by: >))
  }

  @Test(arguments: [10.0, 60, 300]) func `what comes and goes is told from what stays`(
    seconds: Double
  ) {
    for isOn in [false, true] {
      let square = forecast(square(0.6, seconds: seconds, cycles: 4, ends: isOn))
      #expect(square.comesAndGoes)
      #expect(square.states.ofLate > 0.5)
    }
    #expect(!forecast(Array(repeating: 0.6, count: 200)).comesAndGoes)
  }

  @Test func `what trembles does not come and go, nor what left long ago`() {
    let tremble = (0..<200).map { 0.4 + ($0.isMultiple(of: 2) ? 0.05 : -0.05) }
    #expect(!forecast(tremble).comesAndGoes)
    let left = square(0.6, seconds: 60, cycles: 3, ends: true)
    #expect(forecast(left).comesAndGoes)
    #expect(!forecast(left + Array(repeating: 0, count: 720)).comesAndGoes)
  }

  @Test func `what comes elsewhere may come here, until more was seen of the host`() {
    var others = NeighbourForecast.States()
    others.add(forecast(square(0.6, seconds: 30, cycles: 4, ends: true)).states)
    func free(for seconds: Int) -> Double {
      forecast(Array(repeating: 0.0, count: seconds / 5)).besides(others).part(lag: Self.lag)
    }
    #expect(free(for: 5) > 0.35)
    let course = [5, 60, 180, 600].map(free)
    #expect(course == course.sorted(by: >) && free(for: 600) < 0.01)
    // Of hosts that are all alike nothing is to be learned.
    var alike = NeighbourForecast.States()
    alike.add(forecast(Array(repeating: 0.6, count: 20)).states)
    let quiet = forecast([0, 0])
    #expect(quiet.besides(alike) == quiet)
  }

  @Test(arguments: 0..<200) func `a forecast lies between the least and the most that was seen`(
    seed: UInt64
  ) {
    var random = SeededGenerator(seed: seed)
    let parts = (0..<80).map { _ in Double.random(in: 0...1, using: &random) }
    let found = forecast(parts).part(lag: Double.random(in: 0...60, using: &random))
    #expect(found >= (parts.min() ?? 0) - 1e-9 && found <= (parts.max() ?? 0) + 1e-9)
  }

  /// The same history in windows of other lengths: a time is a time, however often one looks.
  @Test func `how often it is measured makes next to no difference`() {
    func history(_ every: Double) -> Double {
      let count = Int(600 / every)
      let parts = (0..<count).map { index in
        Int(Double(index) * every / 30) % 2 == 0 ? 0.0 : 0.5
      }
      return forecast(parts, every: every).part(lag: Self.lag)
    }
    let found = [3.0, 5, 10].map(history)
    for one in found { #expect(abs(one - found[0]) < 0.05) }
  }

  @Test func `a clock that was set back leaves a forecast behind`() {
    var forecast = forecast(Array(repeating: 0.4, count: 30))
    forecast.add(0.1, from: at(-500), to: at(-490), lag: Self.lag)
    let found = forecast.part(lag: Self.lag)
    #expect(found >= 0.1 && found <= 0.4)
  }
}
