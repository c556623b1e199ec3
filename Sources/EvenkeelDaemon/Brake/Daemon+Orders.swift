internal import Balancing
internal import Control

extension FleetController {
  /// Does what somebody asks for, between two ticks.
  ///
  /// - Returns: what happened, and the answer.
  mutating func carryOut(
    _ order: BrakeOrder, by user: String, seeing report: @autoclosure () -> StatusReport
  ) async -> (events: [ControlEvent], reply: BrakeReply) {
    let scope: Brake.Scope
    do throws(BrakeOrder.Refusal) {
      scope = try order.scope(in: report(), brake: brake)
    } catch {
      return ([], BrakeReply(done: false, lines: [error.description]))
    }
    switch order.action {
    case .pause:
      let event = pause(scope, forSeconds: order.seconds, by: user)
      return ([event], BrakeReply(done: true, lines: [event.description]))
    case .resume:
      let events = resume(scope, by: user)
      let isPaused = !events.isEmpty
      return (
        events,
        BrakeReply(
          done: isPaused, lines: isPaused ? events.map(\.description) : ["\(scope): not paused"])
      )
    case .restore:
      let restoration = await restore(scope, forSeconds: order.seconds, by: user)
      return (
        restoration.events,
        BrakeReply(done: restoration.isWhole, lines: restoration.lines)
      )
    }
  }
}

extension FleetController.Restoration {
  fileprivate var isWhole: Bool { failures.isEmpty && written == wanted }

  /// So many changes are told one by one; all are in the journal.
  private static let mostLines = 100

  /// What is told of it one by one: a HAProxy that could not be written is among the failures, the first
  /// time and later.
  var told: [ControlEvent] {
    events.filter { if case .balancerLost = $0 { false } else { true } }
  }

  var lines: [String] {
    let told = told
    var lines = told.prefix(Self.mostLines).map(\.description)
    if told.count > Self.mostLines {
      lines.append("… and \(told.count - Self.mostLines) more, all in the journal")
    }
    lines.append(
      wanted == 0
        ? "HAProxy's own weights stand already"
        : "\(written) of \(wanted) weights put back")
    if unreached > 0 {
      lines.append("HAProxy took too long for \(unreached) of them: ask again")
    }
    return lines + failures.map(\.failure.description)
  }
}

extension Brake {
  /// What a new run says of it.
  func events(at now: Timestamp) -> [ControlEvent] {
    pauses.sorted { $0.key.description < $1.key.description }.map { scope, pause in
      .paused(
        scope, by: pause.by, seconds: pause.until?.seconds(since: now),
        isRestored: pause.isRestored)
    }
  }
}
