/// `evenkeel demo`: a small cluster behind a real HAProxy, first with equal weights, then steered
/// by the daemon as it is; beside it all the time the same cluster under the same load behind
/// `leastconn`.
///
/// Twice six servers of unequal power run in this process, and endpoints that speak cAdvisor's API for
/// them; HAProxy is a child. Nothing needs root, and nothing is left behind.
package struct Demo: Sendable {
  private let options: DemoOptions
  private let environment: [String: String]
  private let output: DemoOutput
  private let parts: DemoParts
  private let cluster: Cluster

  /// - Parameter environment: the process's own; `PATH` and `TMPDIR` are heeded.
  init(
    options: DemoOptions, environment: [String: String], output: DemoOutput, parts: DemoParts,
    cluster: Cluster = .standard
  ) {
    self.options = options
    self.environment = environment
    self.output = output
    self.parts = parts
    self.cluster = cluster
  }

  /// Runs the demo, shows it, and shows the summary at its end.
  ///
  /// It ends when `stopped` returns, or after the seconds asked for; both are orderly ends with a
  /// summary. Cancelling the task ends it without one; then too HAProxy and the folder go.
  ///
  /// - Parameter stopped: returns when the demo is to end, as on SIGINT and SIGTERM. It is
  ///   cancelled when the demo ends before.
  /// - Returns: the summary that was shown.
  /// - Throws: `DemoError`, or what ended the daemon.
  @discardableResult
  package func run(
    until stopped: @escaping @Sendable () async -> Void
  ) async throws -> DemoSummary {
    if let seconds = options.seconds, seconds < DemoOptions.minimumSeconds {
      throw DemoError(.tooShort(seconds: seconds))
    }
    let screen = Screen(output: output, json: options.json)
    let clock = DemoClock()
    let stage = Stage(
      cluster: VirtualCluster(cluster, clock: clock), peer: VirtualCluster(cluster, clock: clock),
      haproxyProgram: try HAProxyProgram.find(options.haproxyPath, environment: environment),
      parentFolder: environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp",
      farewell: output.canHideCursor && !options.json ? Screen.showCursor : "")
    let summary: DemoSummary
    do {
      summary = try await stage.run { running in
        try await screen.open(with: introduction(to: running))
        let performance = Performance(
          cluster: stage.cluster, peer: stage.peer, running: running, screen: screen, parts: parts,
          timeline: Timeline(seconds: options.seconds))
        return try await performance.run(until: stopped)
      }
    } catch {
      await screen.restore()
      throw error
    }
    await screen.restore()
    try await screen.close(with: summary)
    return summary
  }

  private func introduction(to running: Stage.Running) -> [String] {
    let rate = fixed(cluster.requestsPerSecond, decimals: 0)
    let endpoints = running.endpoints.map { "127.0.0.1:\($0.port)" }.joined(separator: " and ")
    let end = options.seconds.map { "ends after \($0) s or with ctrl-C" } ?? "ctrl-C ends it"
    return [
      "evenkeel's page: http://127.0.0.1:\(running.statusPort)/",
      "evenkeel demo: HAProxy on 127.0.0.1:\(running.haproxyPort) in front of six servers of "
        + "unequal power, random(4), \(rate) requests/s; \(end)",
      "beside them six servers alike, behind leastconn, with the same load",
      "cAdvisor's API for them on \(endpoints); all files in \(running.folder)",
    ]
  }
}
