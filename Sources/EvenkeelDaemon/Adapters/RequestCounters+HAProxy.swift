internal import Balancing
internal import Control
internal import HAProxy

/// What HAProxy's columns say of one server's requests.
///
/// How they move was tried on 2.2, 2.6, 3.0 and 3.2, and is the same on all of them, whatever the
/// reason (refused, timed out, broken off, a status) and whoever is tried next:
///
/// | an attempt that | `stot` | `lbtot` | `wretr` | `wredis` |
/// |---|---|---|---|---|
/// | could not connect, and is made again here | 1, or 0 where there is no such unix socket | 0 | 1 | 0 |
/// | could not connect, and is made again elsewhere | the same | 1 | 0 | 1 |
/// | is made again here because of its answer (`retry-on`) | 1 | 0 | 2 | 0 |
/// | is made again elsewhere because of its answer | 1 | 1 | 1 | 1 |
/// | is the last one | 1, or 0 | 1, or 0 if tried here before | 0 | 0 |
///
/// What a cookie or a stick table sends to a server is in `stot` and not in `lbtot`.
extension RequestCounters {
  /// Answers are counted, never sessions less those in flight: retries and failures would pass for
  /// cheap requests.
  init(_ counters: ServerCounters, mode: RuntimeBackend.Mode) {
    let sessions = Double(counters.totalSessions)
    let balanced = Double(counters.totalBalanced)
    let retries = Double(counters.retries)
    let redispatches = Double(counters.redispatches)
    let retriedHere = min(retries, max(0, sessions - balanced))
    let retriedByAnswer = retries - retriedHere
    let arrived = max(balanced, sessions - retriedHere) - redispatches
    let (current, queued) = (counters.currentGauge, counters.queueGauge)

    let done =
      switch mode {
      // An answer 1xx ends no request: it is followed by another, or by a tunnel.
      case .http: Double(counters.responses) - Double(counters.responses1xx)
      case .tcp, .other:
        arrived - Double(current.changing) - Double(counters.connectionErrors)
          - Double(counters.responseErrors)
      }
    // A broken answer that had the request made again is counted as a retry, too.
    let failed =
      Double(counters.responses5xx) + Double(counters.connectionErrors) + retriedHere + redispatches
      + max(0, Double(counters.responseErrors) - retriedByAnswer)
    var inFlight = Double(current.believed ?? 0) + Double(queued.believed ?? 0)
    if mode == .http, retriedByAnswer > 0 {
      // 2.2 leaves each request that it makes again because of its answer in `scur` for ever.
      inFlight = max(inFlight - retriedByAnswer, min(inFlight, max(0, arrived - done)))
    }
    self.init(
      arrived: arrived, done: done, failed: failed, inFlight: max(0, inFlight),
      tried: max(sessions, balanced), tunnelled: Double(counters.responses1xx))
  }
}

extension ServerCounters {
  /// What of this cannot be.
  var disbeliefs: [Disbelief] {
    var found: [Disbelief] = []
    if currentGauge.believed == nil {
      found.append(
        Disbelief(
          .currentSessions, value: currentSessions,
          limit: currentGauge.isWithinNumbers ? sessionLimit : nil))
    }
    if queueGauge.believed == nil { found.append(Disbelief(.queue, value: queued)) }
    // What a double counts one by one; at a million requests a second it lasts for 285 years.
    let totals = [
      totalSessions, totalBalanced, retries, redispatches, connectionErrors, responseErrors,
      responses1xx, responses2xx, responses3xx, responses4xx, responses5xx, responsesOther,
    ]
    if let wrong = totals.first(where: { !(0...1 << 53).contains($0) }) {
      found.append(Disbelief(.totals, value: wrong))
    }
    return found
  }

  /// Requests in the queue; `nil` for what cannot be.
  var waiting: Double? { queueGauge.believed.map(Double.init) }

  /// `nil` in TCP mode, where HAProxy measures none.
  func responseSeconds(_ mode: RuntimeBackend.Mode) -> Double? {
    guard mode == .http, let responseMilliseconds, responseMilliseconds >= 0 else { return nil }
    return Double(responseMilliseconds) / 1000
  }

  /// `nil` without one: 0 is none, and so is a negative one, shown as 32 bits without a sign.
  var limit: Int? { sessionLimit.flatMap { (1..<Gauge.most).contains($0) ? $0 : nil } }

  fileprivate var currentGauge: Gauge { Gauge(value: currentSessions, limit: sessionLimit) }
  fileprivate var queueGauge: Gauge { Gauge(value: queued, limit: nil) }
}

/// A number that rises and falls.
private struct Gauge {
  let value: Int
  let limit: Int?

  /// No HAProxy has as many connections.
  fileprivate static let most = 1 << 31
  /// Threads that take a session at the same moment may exceed a limit a little.
  private static let leeway = 64

  var isWithinNumbers: Bool { (0..<Self.most).contains(value) }

  /// `nil` for what cannot be.
  var believed: Int? {
    guard isWithinNumbers else { return nil }
    // A negative `maxconn` is taken, and shown as 32 bits without a sign.
    if let limit, (1..<Self.most).contains(limit), value > limit + Self.leeway { return nil }
    return value
  }

  /// For differences: one that was decremented too often stands a little below 0, in 32 or 64 bits
  /// without a sign, and goes on to rise and fall rightly.
  var changing: Int {
    let little = -65_536..<0
    if let believed { return believed }
    if value == .max { return -1 }
    if little.contains(value) { return value }
    let (signed, overflow) = value.subtractingReportingOverflow(1 << 32)
    return !overflow && little.contains(signed) ? signed : 0
  }
}
