/// Takes readings of the running cluster and makes the table's frames and the summary of them.
actor Scoreboard {
  /// What the live figures are taken over.
  static let liveSpan = Duration.seconds(10)

  /// One cluster under its load.
  struct Side {
    let cluster: VirtualCluster
    let ledger: Ledger
    fileprivate var history: History
    fileprivate var weights: [String: Int]

    init(cluster: VirtualCluster, ledger: Ledger) {
      self.cluster = cluster
      self.ledger = ledger
      history = History(quotas: cluster.servers.map(\.description.quotaCores))
      weights = Dictionary(
        cluster.servers.map { ($0.description.name, Cluster.initialWeight) },
        uniquingKeysWith: { first, _ in first })
    }

    fileprivate mutating func observe(at now: Duration) {
      history.append(History.Entry(at: now, readings: cluster.servers.map { $0.read() }))
    }
  }

  private let timeline: Timeline
  private let clock: DemoClock
  /// When the load began; the timeline counts from here.
  private let start: Duration
  private let readWeights: @Sendable () async throws -> [String: Int]
  private var side: Side
  private var peer: Side
  private(set) var summary = DemoSummary()

  /// - Parameters:
  ///   - side: what is steered.
  ///   - peer: what is not, beside it.
  init(
    side: Side, peer: Side, timeline: Timeline,
    readWeights: @escaping @Sendable () async throws -> [String: Int]
  ) {
    self.side = side
    self.peer = peer
    self.timeline = timeline
    self.readWeights = readWeights
    clock = side.cluster.clock
    start = clock.now
  }

  /// Reads the servers, and the weights from HAProxy.
  ///
  /// - Returns: the time since the load began.
  /// - Throws: when HAProxy does not answer.
  @discardableResult
  func observe() async throws -> Duration {
    side.weights = try await readWeights()
    let now = clock.now - start
    side.observe(at: now)
    peer.observe(at: now)
    return now
  }

  /// The table as of the last reading.
  func frame(steering: Bool, remark: String?) -> Frame {
    let now = clock.now - start
    let span = max(.zero, now - Self.liveSpan)..<now
    let activity = side.history.activity(in: span.lowerBound...span.upperBound)
    let rows = side.cluster.servers.enumerated().map { index, server in
      Frame.Row(
        server: server.description.name,
        utilisation: activity.map { $0.utilisations[index] },
        weight: side.weights[server.description.name],
        requestRate: activity.map { $0.requestRates[index] })
    }
    return Frame(
      phase: steering ? .steering : .equal(remaining: max(.zero, timeline.steeringBegins - now)),
      elapsed: now,
      spread: activity?.spread,
      latency: side.ledger.summary(of: shifted(span)),
      requestRate: activity?.requestRates.reduce(0, +),
      rows: rows,
      before: summary.before,
      leastconn: measurement(of: peer, over: span),
      remark: remark)
  }

  /// Closes the book on the time under equal weights.
  func concludeBefore() {
    let now = clock.now - start
    summary.before = measurement(of: side, over: timeline.before(endingAt: now))
  }

  /// Closes the book on evenkeel's time.
  func concludeAfter() {
    let now = clock.now - start
    guard let span = timeline.after(endingAt: now) else { return }
    summary.after = measurement(of: side, over: span)
    summary.leastconn = measurement(of: peer, over: span)
  }

  private func measurement(
    of side: Side, over span: Range<Duration>
  ) -> DemoSummary.Measurement? {
    DemoSummary.Measurement(
      activity: side.history.activity(in: span.lowerBound...span.upperBound),
      latency: side.ledger.summary(of: shifted(span)),
      weights: side.weights)
  }

  /// A span of the timeline on the clock that the ledger is kept by.
  private func shifted(_ span: Range<Duration>) -> Range<Duration> {
    span.lowerBound + start..<span.upperBound + start
  }
}
