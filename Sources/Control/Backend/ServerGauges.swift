internal import Balancing

/// What is at a server now.
struct ServerGauges: Hashable, Sendable {
  var open = 0.0
  var inFlight = 0.0

  static func += (left: inout Self, right: Self) {
    left.open += right.open
    left.inFlight += right.inFlight
  }
}

/// What is at each server of one balancer, look by look.
struct GaugeReader: Codable, Sendable {
  private var unanswered: [ServerName: UnansweredRequests] = [:]

  /// Where a server's figure cannot be, as many are taken to be there as its requests would be that are as
  /// quick as its peers'.
  ///
  /// - Parameters:
  ///   - before: what was told at the look before.
  ///   - arrived: requests that came to each server since.
  ///   - seconds: since then; `nil` at the first look.
  mutating func read(
    _ readings: [ServerName: RequestLedger.Reading], since before: [ServerName: RequestCounters],
    arrived: [ServerName: Double], seconds: Double?
  ) -> [ServerName: ServerGauges] {
    var gauges: [ServerName: ServerGauges] = [:]
    var watched: [ServerName: UnansweredRequests] = [:]
    for (server, reading) in readings where reading.isInFlightBelieved && reading.areTotalsBelieved
    {
      // Without either, counting begins.
      let known = before[server].flatMap { reading.counters.beginAnew(after: $0) ? nil : $0 }
      let watch = known.flatMap { _ in unanswered[server] }
      var next = watch ?? UnansweredRequests()
      let waiting = next.update(
        from: watch == nil ? .zero : known ?? .zero, to: reading.counters, queued: reading.queued,
        responseSeconds: reading.responseSeconds, seconds: watch == nil ? nil : seconds)
      gauges[server] = ServerGauges(open: reading.counters.open, inFlight: waiting)
      watched[server] = next
    }
    unanswered = watched
    let arrivedAtKnown = gauges.keys.reduce(0) { $0 + (arrived[$1] ?? 0) }
    let known = gauges.values.reduce(into: ServerGauges()) { $0 += $1 }
    for (server, reading) in readings where gauges[server] == nil {
      guard !reading.isInFlightBelieved else {
        gauges[server] = ServerGauges(
          open: reading.counters.open, inFlight: reading.counters.inFlight)
        continue
      }
      let part = arrivedAtKnown > 0 ? (arrived[server] ?? 0) / arrivedAtKnown : 0
      gauges[server] = ServerGauges(open: part * known.open, inFlight: part * known.inFlight)
    }
    return gauges
  }

  /// Begins anew with a server whose name has become another's.
  mutating func forget(_ server: ServerName) { unanswered[server] = nil }
}
