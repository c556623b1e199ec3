/// Takes readings of the running cluster and makes the table's frames and the summary of them.
actor Scoreboard {
  /// What the live figures are taken over.
  static let liveSpan = Duration.seconds(10)

  private let cluster: VirtualCluster
  private let ledger: Ledger
  private let timeline: Timeline
  /// When the load began; the timeline counts from here.
  private let start: Duration
  private let readWeights: @Sendable () async throws -> [String: Int]
  private var history: History
  private var weights: [String: Int] = [:]
  private(set) var summary = DemoSummary()

  init(
    cluster: VirtualCluster, ledger: Ledger, timeline: Timeline,
    readWeights: @escaping @Sendable () async throws -> [String: Int]
  ) {
    self.cluster = cluster
    self.ledger = ledger
    self.timeline = timeline
    self.readWeights = readWeights
    start = cluster.clock.now
    history = History(quotas: cluster.servers.map(\.description.quotaCores))
  }

  /// Reads the servers, and the weights from HAProxy.
  ///
  /// - Returns: the time since the load began.
  /// - Throws: when HAProxy does not answer.
  @discardableResult
  func observe() async throws -> Duration {
    weights = try await readWeights()
    let readings = cluster.servers.map { $0.read() }
    let now = cluster.clock.now - start
    history.append(History.Entry(at: now, readings: readings))
    return now
  }

  /// The table as of the last reading.
  func frame(steering: Bool, remark: String?) -> Frame {
    let now = cluster.clock.now - start
    let span = max(.zero, now - Self.liveSpan)..<now
    let activity = history.activity(in: span.lowerBound...span.upperBound)
    let rows = cluster.servers.enumerated().map { index, server in
      Frame.Row(
        server: server.description.name,
        utilisation: activity.map { $0.utilisations[index] },
        weight: weights[server.description.name],
        requestRate: activity.map { $0.requestRates[index] })
    }
    return Frame(
      phase: steering ? .steering : .equal(remaining: max(.zero, timeline.steeringBegins - now)),
      elapsed: now,
      spread: activity?.spread,
      latency: ledger.summary(of: shifted(span)),
      requestRate: activity?.requestRates.reduce(0, +),
      rows: rows,
      before: summary.before,
      remark: remark)
  }

  /// Closes the book on the time under equal weights.
  func concludeBefore() {
    let now = cluster.clock.now - start
    summary.before = measurement(over: timeline.before(endingAt: now))
  }

  /// Closes the book on evenkeel's time.
  func concludeAfter() {
    let now = cluster.clock.now - start
    summary.after = timeline.after(endingAt: now).flatMap(measurement)
  }

  private func measurement(over span: Range<Duration>) -> DemoSummary.Measurement? {
    DemoSummary.Measurement(
      activity: history.activity(in: span.lowerBound...span.upperBound),
      latency: ledger.summary(of: shifted(span)), weights: weights)
  }

  /// A span of the timeline on the clock that the ledger is kept by.
  private func shifted(_ span: Range<Duration>) -> Range<Duration> {
    span.lowerBound + start..<span.upperBound + start
  }
}
