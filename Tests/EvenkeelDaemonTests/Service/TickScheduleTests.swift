import EvenkeelDaemon
import Testing

@Suite struct TickScheduleTests {
  @Test func `ticks stay on the grid however late each one wakes`() {
    var schedule = TickSchedule(interval: .seconds(10))
    for tick in 0..<100 {
      #expect(schedule.due == .seconds(10) * tick)
      let missed = schedule.ended(
        at: schedule.due + .milliseconds(700), began: schedule.due + .milliseconds(5),
        next: .seconds(10))
      #expect(missed == 0)
    }
  }

  @Test func `a tick that woke late has not overrun`() {
    var schedule = TickSchedule(interval: .seconds(10))
    #expect(schedule.ended(at: .seconds(300), began: .seconds(299.9), next: .seconds(10)) == 0)
    #expect(schedule.due == .seconds(310))
  }

  @Test(arguments: [(9.9, 0, 10), (10.0, 1, 20), (10.1, 1, 20), (34.0, 3, 40)])
  func `an overrun delays the next tick to the grid, and never makes two at once`(
    seconds: Double, missed: Int, next: Int
  ) {
    var schedule = TickSchedule(interval: .seconds(10))
    #expect(schedule.ended(at: .seconds(seconds), began: .zero, next: .seconds(10)) == missed)
    #expect(schedule.due == .seconds(next))
  }

  @Test func `a quick tick comes sooner, but not before the one before it has ended`() {
    var schedule = TickSchedule(interval: .seconds(10))
    _ = schedule.ended(at: .seconds(1), began: .zero, next: .milliseconds(2500))
    #expect(schedule.due == .milliseconds(2500))
    _ = schedule.ended(at: .seconds(7), began: .milliseconds(2500), next: .milliseconds(2500))
    #expect(schedule.due == .seconds(7))
  }

  @Test func `a tick that comes forward begins a new grid, and none is ever put off`() {
    var schedule = TickSchedule(interval: .seconds(10))
    _ = schedule.ended(at: .seconds(1), began: .zero, next: .seconds(10))
    schedule.comeForward(to: .seconds(4))
    #expect(schedule.due == .seconds(4))
    _ = schedule.ended(at: .seconds(5), began: .seconds(4), next: .seconds(10))
    #expect(schedule.due == .seconds(14))
    schedule.comeForward(to: .seconds(15))
    #expect(schedule.due == .seconds(14))
  }

  @Test func `without an interval, or after ages, it is a number all the same`() {
    var none = TickSchedule(interval: .zero)
    #expect(none.ended(at: .zero, began: .zero, next: .zero) == 0)
    #expect(none.ended(at: .seconds(7), began: .zero, next: .zero) == 0)
    var short = TickSchedule(interval: Duration(secondsComponent: 0, attosecondsComponent: 1))
    #expect(short.ended(at: .seconds(1e9), began: .zero, next: .seconds(1)) == 1_000_000)
    #expect(short.ended(at: .zero, began: .seconds(1e9), next: .seconds(1)) == 0)
  }

  @Test func `another interval counts from the tick that began last`() {
    var schedule = TickSchedule(interval: .seconds(600))
    _ = schedule.ended(at: .seconds(1), began: .zero, next: .seconds(600))
    schedule.change(interval: .seconds(5), lastBegan: .zero)
    #expect(schedule.due == .seconds(5))
  }
}
