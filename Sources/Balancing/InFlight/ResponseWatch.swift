/// How long a server's answers take when it has least to do, and for how long its places are taken.
///
/// As BBR looks for the least round trip of a path, which it also forgets after a while: what was
/// quick then need not be quick now.
struct ResponseWatch: Hashable, Codable, Sendable {
  struct Look: Hashable, Codable, Sendable {
    /// Until an answer began, on average of many.
    var seconds: Double
    /// How full the server's CPU was, 0…1.
    var utilisation: Double
  }

  private var newest: Look?
  private var before: Look?
  private var turnedAt: Timestamp
  /// When it was looked at first.
  private let beganAt: Timestamp
  /// Answers since the averages began.
  private var answers = 0.0
  private var reloadedAt: Timestamp?
  /// Whether that is because it had no CPU left.
  private var wasFull = false
  private var held: Held?
  /// Whether there were as many answers as an average is of.
  private(set) var hasAnswers = false
  private(set) var lastSeen: Timestamp

  /// Places taken over the last minutes.
  private struct Held: Hashable, Codable, Sendable {
    var places: Double
    /// What they would be if each were taken until its answer begins (Little's law).
    var expected: Double
    var seconds: Double
  }

  init(at now: Timestamp) { (turnedAt, beganAt, lastSeen) = (now, now, now) }

  mutating func observe(_ server: ServerObservation, utilisation: Double?, in tick: Tick) {
    let elapsed = max(0, tick.now.seconds(since: lastSeen))
    lastSeen = tick.now
    guard let requests = server.requests else { return }
    let counts = tick.counts[server.name]
    if let growth = counts?.growth, reloadedAt == tick.reloadedAt {
      answers += growth.done
    } else {
      (answers, reloadedAt, wasFull) = (0, tick.reloadedAt, false)
    }
    // What waited then is in the average for long.
    if utilisation ?? 0 >= 1 - CapacityConstants.resolution { (answers, wasFull) = (0, true) }
    hasAnswers =
      answers >= (wasFull ? LimitConstants.answersAfterFull : ShareConstants.epochRequests)
    guard hasAnswers, let utilisation, let seconds = server.responseSeconds, seconds > 0 else {
      return
    }
    if let perSecond = counts?.backlog.arrivalsPerSecond {
      hold(
        max(0, requests.open - (server.queued ?? 0)), expected: perSecond * seconds,
        elapsed: elapsed)
    }
    if tick.now.seconds(since: turnedAt) >= CapacityConstants.forgetSeconds / 2
      || tick.now < turnedAt
    {
      (before, newest, turnedAt) = (newest, nil, tick.now)
    }
    let look = Look(seconds: seconds, utilisation: utilisation)
    if seconds <= newest?.seconds ?? .infinity { newest = look }
  }

  private mutating func hold(_ places: Double, expected: Double, elapsed: Double) {
    guard var held else {
      held = Held(places: places, expected: expected, seconds: 0)
      return
    }
    let gain = Fading.gain(after: elapsed, memory: CapacityConstants.evidenceSeconds)
    held.places += gain * (places - held.places)
    held.expected += gain * (expected - held.expected)
    held.seconds += elapsed
    self.held = held
  }

  /// The quickest that is remembered.
  var least: Look? {
    [newest, before].compactMap(\.self).min { $0.seconds < $1.seconds }
  }

  var watchedSeconds: Double { max(0, lastSeen.seconds(since: beganAt)) }

  /// How many times as long as answers take to begin a request's place is taken; `nil` before that is
  /// known.
  var heldFactor: Double? {
    // Of a few looks at next to nothing chance makes many times it.
    guard let held, held.seconds >= CapacityConstants.calmSeconds, held.expected > 0,
      held.places - held.expected > CapacityConstants.idleInFlight
    else { return nil }
    return held.places / held.expected
  }
}
