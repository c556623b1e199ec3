import EvenkeelDaemon
import Testing

@Suite struct LoopCourseTests {
  private static func course(ticked began: Duration = .zero) -> LoopCourse {
    var course = LoopCourse(interval: .seconds(10))
    _ = course.ticked(
      began: began, ended: began + .seconds(1), next: .seconds(10), hasReload: false)
    return course
  }

  @Test func `when nobody asked for anything the next tick is due`() {
    var course = Self.course()
    course.woke(by: .usual, at: .seconds(10))
    #expect(course.served(reloadedTo: nil, hasOrders: false, at: .seconds(10)) == .tick)
    #expect(course.schedule.due == .seconds(10))
    #expect(course.looksForProcesses)
  }

  @Test func `a tick that took too long tells how many it cost`() {
    var course = LoopCourse(interval: .seconds(10))
    let missed = course.ticked(
      began: .zero, ended: .seconds(25), next: .seconds(10), hasReload: false)
    #expect(missed == 2)
    #expect(course.schedule.due == .seconds(30))
  }

  @Test func `after a reload it waits on, by the new interval from the last tick`() {
    var course = Self.course()
    course.woke(by: .usual, at: .seconds(4))
    let next = course.served(reloadedTo: .seconds(60), hasOrders: false, at: .seconds(5))
    #expect(next == .wait)
    #expect(course.schedule.due == .seconds(60))
    #expect(course.schedule.interval == .seconds(60))
  }

  @Test(arguments: [nil, Duration.seconds(60)])
  func `after orders it ticks at once, reloaded or not`(interval: Duration?) {
    var course = Self.course()
    course.woke(by: .usual, at: .seconds(4))
    let next = course.served(reloadedTo: interval, hasOrders: true, at: .seconds(5))
    #expect(next == .tick)
    #expect(course.schedule.due == .seconds(5))
  }

  @Test func `for a new process the tick comes forward`() {
    var course = Self.course()
    course.woke(by: .newProcess, at: .seconds(3))
    #expect(course.schedule.due == .seconds(3))
    #expect(course.served(reloadedTo: nil, hasOrders: false, at: .seconds(3)) == .tick)
  }

  @Test(arguments: [true, false])
  func `one that could not be read is not looked for again before the next regular tick`(
    isRead: Bool
  ) {
    var course = Self.course()
    course.woke(by: .newProcess, at: .seconds(3))
    _ = course.ticked(
      began: .seconds(3), ended: .seconds(4), next: .seconds(10), hasReload: isRead)
    #expect(course.looksForProcesses == isRead)
    course.woke(by: .usual, at: .seconds(13))
    _ = course.ticked(
      began: .seconds(13), ended: .seconds(14), next: .seconds(10), hasReload: false)
    #expect(course.looksForProcesses)
  }

  @Test func `a reload in between makes it a regular tick`() {
    var course = Self.course()
    course.woke(by: .newProcess, at: .seconds(3))
    #expect(course.served(reloadedTo: .seconds(10), hasOrders: false, at: .seconds(4)) == .wait)
    course.woke(by: .usual, at: .seconds(4))
    #expect(course.served(reloadedTo: nil, hasOrders: false, at: .seconds(4)) == .tick)
    _ = course.ticked(
      began: .seconds(4), ended: .seconds(5), next: .seconds(10), hasReload: false)
    #expect(course.looksForProcesses)
  }
}
