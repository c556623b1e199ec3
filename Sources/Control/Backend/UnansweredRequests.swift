internal import Balancing

/// How many of the requests at one server of one balancer wait for their answer.
///
/// HAProxy tells how many sessions are open (`scur`), and many go on after their answer has begun:
/// tunnels as web sockets make them, streams of events, long downloads. They wait for nothing, and are
/// no queue, however many there are. What waits is what arrived and was neither answered nor became a
/// tunnel nor was given up; counters tell the first two. When a session ends that nobody answered in
/// this time, a request was given up or an old tunnel closed, which they do not tell: what rests on
/// that is believed as far as the response times confirm it (Little's law).
struct UnansweredRequests: Codable, Sendable {
  /// Requests that wait at the most.
  private var most = 0.0
  /// Those of them that may have ended with a session of which that is not known.
  private var doubtful = 0.0
  /// Sessions open at the last look.
  private var open = 0.0
  /// Requests that waited at the last look.
  private var waited = 0.0
  private var informational = InformationalAnswers()

  /// Takes in what was counted between two looks.
  ///
  /// - Parameters:
  ///   - before: zeroes where counting begins.
  ///   - queued: requests in the balancer's own queue, all of which wait.
  ///   - responseSeconds: until an answer begins, on average of the last; `nil` where it is not known.
  ///   - seconds: since the look before; `nil` where there is none.
  /// - Returns: the requests that wait, between `queued` and the open sessions.
  mutating func update(
    from before: RequestCounters, to now: RequestCounters, queued: Double,
    responseSeconds: Double?, seconds: Double?
  ) -> Double {
    let growth = now.growth(since: before).withoutStepsBack
    let (arrived, answered, informed) = (growth.arrived, growth.done, growth.tunnelled)
    let tunnels = informational.tunnels(
      among: informed, unanswered: arrived - answered, waited: waited)
    let beyondAnswer = max(0, open - most)
    let endedUnanswered = max(0, arrived - (now.open - open) - answered)
    let either = min(endedUnanswered, beyondAnswer)
    let givenUp = endedUnanswered - either
    let waiting = most + arrived - answered - tunnels.certain - givenUp
    let least = min(max(0, queued), now.open)
    most = min(max(waiting, least), now.open)
    // What stood before counting began is not known by its beginning.
    let unknown = seconds == nil && now.tunnelled > 0 ? most : 0
    doubtful = min(doubtful + either + tunnels.perhaps + unknown, most)
    open = now.open
    // Where few of those that come are answered, the times of the answers tell of others.
    let perhaps = informational.isKnown ? tunnels.perhaps : 0
    let isAnswering = answered >= (arrived - tunnels.certain - perhaps) / 2
    var waits = most
    if doubtful > 0, isAnswering {
      let confirmed =
        if let responseSeconds, let seconds, seconds > 0 {
          answered / seconds * responseSeconds
        } else { 0.0 }
      waits = min(max(confirmed, most - doubtful, least), most)
    }
    informational.add(informed, unanswered: arrived - answered - givenUp - (waits - waited))
    waited = waits
    return waits
  }
}

/// Which of the answers 1xx make tunnels: after a 101 no other answer comes, after a 100 or 103 one does.
private struct InformationalAnswers: Codable, Sendable {
  private var count = 0.0
  /// Requests that came meanwhile, were neither answered nor given up, and do not wait: those that became
  /// tunnels, mostly.
  private var unanswered = 0.0

  /// How many are remembered: as many tell the one kind from the other, …
  private static let memory = 200.0
  /// … and as few; before, those of a look tell, too.
  private static let few = 20.0
  /// Up to this part, and beyond the rest, all are taken to be of one kind.
  private static let chance = 0.05
  /// So many are none too few to be all: what waits at a look is not known to one or two.
  private static let slack = 4.0

  /// Whether enough were seen to tell the one kind from the other.
  var isKnown: Bool { count >= Self.few }

  /// - Parameters:
  ///   - more: requests that came and were not answered between two looks, those that wait among them.
  ///   - waited: that waited at the first of them, and may have been answered since.
  /// - Returns: the tunnels among new answers 1xx: those that are certain, and those that may be.
  func tunnels(
    among new: Double, unanswered more: Double, waited: Double
  ) -> (certain: Double, perhaps: Double) {
    guard new > 0 else { return (0, 0) }
    let part =
      isKnown
      ? unanswered / count : min(max(0, unanswered + more + waited) / (count + new), 1)
    let isNearlyAll = isKnown && count - unanswered <= Self.slack
    if part >= 1 - Self.chance || isNearlyAll { return (new, 0) }
    // Where there were none, these may be the first.
    return (0, part <= Self.chance ? min(new, max(0, more)) : new * part)
  }

  /// Takes in new answers 1xx, and the requests that did not end meanwhile and do not wait.
  mutating func add(_ new: Double, unanswered more: Double) {
    count += new
    unanswered = min(max(0, unanswered + more), count)
    if count > Self.memory {
      (count, unanswered) = (Self.memory, unanswered * Self.memory / count)
    }
  }
}
