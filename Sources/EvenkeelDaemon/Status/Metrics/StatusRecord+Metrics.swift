package import Balancing
internal import Control

extension StatusRecord {
  /// All metrics, for Prometheus to scrape.
  ///
  /// Their number is bounded by the configuration and by HAProxy's servers.
  ///
  /// - Parameter now: on the steady clock.
  package func metrics(
    at now: Timestamp, loopIsOk: Bool, process: ProcessFigures, as wall: WallTime = WallTime()
  ) -> String {
    var text = MetricsText()
    writeDaemon(to: &text, loopIsOk: loopIsOk, as: wall)
    writePeers(to: &text, as: wall)
    writeBackends(to: &text)
    writeVerdicts(of: report(at: now, loopIsOk: loopIsOk, as: wall), to: &text)
    writeWrites(to: &text)
    writeServers(to: &text, as: wall)
    process.write(to: &text)
    return text.text
  }

  private func writeDaemon(to text: inout MetricsText, loopIsOk: Bool, as wall: WallTime) {
    text.family(
      "evenkeel_build_info", .gauge, "The program's version, as a label.",
      [.init([("version", evenkeelVersion)], 1)])
    text.family(
      "process_start_time_seconds", .gauge, "When the daemon started, in Unix time.",
      wall.shown(startedAt).secondsSinceEpoch)
    text.family(
      "evenkeel_interval_seconds", .gauge, "Configured time between two ticks.",
      interval.inSeconds)
    text.family(
      "evenkeel_ready", .gauge, "Whether the first look at the fleet is complete.",
      snapshot == nil ? 0 : 1)
    text.family(
      "evenkeel_loop_ok", .gauge, "Whether the loop goes on within its deadlines.",
      loopIsOk ? 1 : 0)
    text.family(
      "evenkeel_ticks_total", .counter, "Ticks that are complete.", Double(tickDurations.count))
    text.family(
      "evenkeel_last_tick_timestamp_seconds", .gauge, "When the last tick ended, in Unix time.",
      tickAt.map { wall.shown($0).secondsSinceEpoch })
    text.histogram(
      "evenkeel_tick_duration_seconds",
      "How long ticks take, from the first question to the last "
        + "answer.", tickDurations)
    text.family(
      "evenkeel_config_last_reload_successful", .gauge,
      "Whether the configuration was taken when it was last read.",
      isConfigured ? (reloadRefused == nil ? 1 : 0) : nil)
    text.family(
      "evenkeel_config_last_reload_success_timestamp_seconds", .gauge,
      "When a configuration was last taken, in Unix time.",
      reloadedAt.map { wall.shown($0).secondsSinceEpoch })
  }

  private func writePeers(to text: inout MetricsText, as wall: WallTime) {
    let seen = (snapshot?.endpoints ?? []).map { endpoint in
      (endpoint, [("endpoint", endpoint.name.text), ("host", endpoint.host.text)])
    }
    text.family(
      "evenkeel_endpoint_up", .gauge, "Whether a source of load answered when it was asked last.",
      seen.map { .init($0.1, $0.0.failure == nil) })
    text.family(
      "evenkeel_endpoint_containers", .gauge,
      "Containers that a source told of when it was last asked for all.",
      seen.map { .init($0.1, Double($0.0.containers)) })
    text.family(
      "evenkeel_endpoint_failures_total", .counter, "Ticks in which a source did not answer.",
      seen.map { .init($0.1, Double(endpoints[$0.0.name]?.failures ?? 0)) })
    text.family(
      "evenkeel_endpoint_since_timestamp_seconds", .gauge,
      "Since when a source is read, in Unix time, and by what its host was found, if by anything.",
      seen.compactMap { endpoint, labels in
        origins[endpoint.name].map { known in
          .init(
            labels + [("origin", known.origin ?? "")],
            wall.shown(known.since).secondsSinceEpoch)
        }
      })
    text.family(
      "evenkeel_finder_up", .gauge, "Whether what finds hosts answered, the last time.",
      finders.map { .init([("origin", $0.origin)], $0.failure == nil) })
    text.family(
      "evenkeel_finder_hosts", .gauge, "Hosts that it has found.",
      finders.map { .init([("origin", $0.origin)], Double($0.hosts)) })
    let balancers = (snapshot?.balancers ?? []).filter { !$0.isPeer }
    let peers = (snapshot?.balancers ?? []).filter(\.isPeer)
    text.family(
      "evenkeel_balancer_up", .gauge, "Whether a HAProxy process could be read in the last tick.",
      balancers.map { .init([("balancer", $0.name.text)], $0.failure == nil) })
    text.family(
      "evenkeel_balancer_failures_total", .counter,
      "Ticks in which a HAProxy process could not be read.",
      balancers.map {
        .init([("balancer", $0.name.text)], Double(self.balancers[$0.name]?.failures ?? 0))
      })
    if !peers.isEmpty {
      text.family(
        "evenkeel_peer_up", .gauge,
        "Whether another evenkeel told what it counts in the last tick.",
        peers.map { .init([("peer", $0.name.text)], $0.failure == nil) })
      text.family(
        "evenkeel_peer_failures_total", .counter, "Ticks in which a peer told nothing.",
        peers.map {
          .init([("peer", $0.name.text)], Double(self.balancers[$0.name]?.failures ?? 0))
        })
      text.family(
        "evenkeel_peer_age_seconds", .gauge, "Since a peer had read what it told last.",
        peers.map { .init([("peer", $0.name.text)], $0.ageSeconds) })
      text.family(
        "evenkeel_peer_weights_difference_ratio", .gauge,
        "How far a peer's weights are off ours: the largest difference between two shares, as a part "
          + "of the largest share; 0 is the same.",
        peers.map { .init([("peer", $0.name.text)], $0.weightsApart) })
    }
    text.family(
      "evenkeel_balancer_reloads_total", .counter, "HAProxy processes that another one replaced.",
      balancers.map {
        .init([("balancer", $0.name.text)], Double(self.balancers[$0.name]?.reloads ?? 0))
      })
  }

  private func writeBackends(to text: inout MetricsText) {
    let backends = (snapshot?.backends ?? []).map { ($0, [("backend", $0.name.text)]) }
    text.family(
      "evenkeel_backend_steering", .gauge, "Whether a backend's weights are not all held.",
      backends.map { .init($0.1, $0.0.condition.isSteering) })
    text.family(
      "evenkeel_backend_mode_info", .gauge,
      "Whether weights are written (control) or not (observe).",
      backends.map { .init($0.1 + [("mode", $0.0.mode.rawValue)], 1) })
    text.family(
      "evenkeel_backend_spread_ratio", .gauge,
      "Worst utilisation over mean utilisation of a backend's servers; 1 is level.",
      backends.map { .init($0.1, $0.0.spread) })
    text.family(
      "evenkeel_backend_utilisation_ratio", .gauge, "Mean utilisation of a backend's servers.",
      backends.map { .init($0.1, $0.0.meanUtilisation) })
    text.family(
      "evenkeel_backend_reach_ratio", .gauge,
      "How far plans go of late from the configured weights towards what each moment alone would "
        + "want; below 1 where neighbours change faster than weights can follow.",
      backends.map { .init($0.1, $0.0.reach?.part) })
    text.family(
      "evenkeel_backend_watching", .gauge,
      "Whether it looks more often than once an interval, as neighbours come and go on hosts that "
        + "they crowd.",
      backends.map { .init($0.1, $0.0.isWatching) })
    writeLevelling(of: backends, to: &text)
    text.family(
      "evenkeel_held_servers", .gauge, "Servers whose weight is held, by reason.",
      backends.flatMap { backend, labels in
        let held = Dictionary(grouping: backend.servers.compactMap(\.condition.hold)) { $0 }
        return HoldReason.allCases.map {
          MetricsText.Sample(labels + [("reason", $0.rawValue)], Double(held[$0]?.count ?? 0))
        }
      })
  }

  private func writeVerdicts(of report: StatusReport, to text: inout MetricsText) {
    let backends = report.backends.map { ($0, [("backend", $0.name)]) }
    text.family(
      "evenkeel_verdict", .gauge, "What is to be thought of it all: 0 ok, 1 warning, 2 critical.",
      report.verdict.level.number)
    text.family(
      "evenkeel_backend_verdict", .gauge,
      "What is to be thought of a backend: 0 ok, 1 warning, 2 critical.",
      backends.map { .init($0.1, $0.0.verdict.level.number) })
    text.family(
      "evenkeel_backend_state", .gauge, "Which state a backend is in: 1 for this one.",
      backends.flatMap { backend, labels in
        Verdict.State.allCases.map {
          .init(labels + [("state", $0.rawValue)], backend.verdict.state == $0)
        }
      })
    text.family(
      "evenkeel_backend_paused", .gauge, "Whether somebody has a backend left alone for a while.",
      backends.map { .init($0.1, $0.0.verdict.state == .paused) })
  }

  private func writeLevelling(
    of backends: [(BackendStatus, [(String, String)])], to text: inout MetricsText
  ) {
    func family(_ name: String, _ help: String, _ value: (Levelling) -> Double) {
      text.family(
        name, .gauge, help, backends.map { .init($0.1, $0.0.levelling.map(value)) })
    }
    family(
      "evenkeel_backend_cores", "Cores that a backend's servers may use together.", \.cores)
    family(
      "evenkeel_backend_freed_cores",
      "Cores that could not be had without levelling: the fullest server would be full before. In "
        + "mode observe those that levelling would free.", \.freedCores)
    family(
      "evenkeel_backend_spread_levelled_ratio",
      "Spread under the weights that level, by the costs that were learned.", \.spreadLevelled)
    family(
      "evenkeel_backend_spread_unlevelled_ratio",
      "Spread without levelling, by the costs that were learned: under the weights of HAProxy's "
        + "configuration, in mode observe under those that stand.", \.spreadUnlevelled)
  }

  /// Counted from 0 since the configuration was taken, so that the first one is a rise, too.
  private func writeWrites(to text: inout MetricsText) {
    func labels(_ key: WriteKey) -> [(String, String)] {
      [("backend", key.backend.text), ("balancer", key.balancer.text)]
    }
    let written = writes.sorted { $0.key < $1.key }.map { ($0.value, labels($0.key)) }
    text.family(
      "evenkeel_weight_changes_total", .counter, "Weights that were written.",
      written.map { .init($0.1, Double($0.0.changes)) })
    text.family(
      "evenkeel_queue_clearing_weight_changes_total", .counter,
      "Weights that were lowered for a while, so that a server's queue clears.",
      written.map { .init($0.1, Double($0.0.clearings)) })
    text.family(
      "evenkeel_weight_refusals_total", .counter, "Weights that HAProxy refused.",
      written.map { .init($0.1, Double($0.0.refusals)) })
    text.family(
      "evenkeel_foreign_weight_changes_total", .counter, "Weights that somebody else changed.",
      written.map { .init($0.1, Double($0.0.byOthers)) })
    text.family(
      "evenkeel_server_weight_changes_total", .counter, "Weights that were written, by server.",
      serverWrites.sorted { $0.key < $1.key }.flatMap { key, servers in
        servers.sorted { $0.key < $1.key }.map {
          .init(labels(key) + [("server", $0.key.text)], Double($0.value))
        }
      })
  }

  private func writeServers(to text: inout MetricsText, as wall: WallTime) {
    let servers = (snapshot?.backends ?? []).flatMap { backend in
      backend.servers.filter { !$0.isEmptySlot }.map {
        ($0, [("backend", backend.name.text), ("server", $0.name.text)])
      }
    }
    text.family(
      "evenkeel_server_utilisation_ratio", .gauge,
      "How full the fullest of the limits is that a server can hit: its quota or its host.",
      servers.map { .init($0.1, $0.0.utilisation?.value) })
    text.family(
      "evenkeel_server_cpu_usage_cores", .gauge, "CPU use of a server's container, in cores.",
      servers.map { .init($0.1, $0.0.cpuCores) })
    text.family(
      "evenkeel_server_cpu_throttled_ratio", .gauge,
      "The part of the scheduler's periods in which a server's quota ran out.",
      servers.map { .init($0.1, $0.0.wait?.throttled) })
    text.family(
      "evenkeel_server_cpu_pressure_ratio", .gauge,
      "The part of the time in which some task of a server waited for a CPU.",
      servers.map { .init($0.1, $0.0.wait?.pressure) })
    text.family(
      "evenkeel_server_requests_total", .counter, "Requests that came to a server.",
      servers.map { .init($0.1, $0.0.traffic.requests?.arrived) })
    text.family(
      "evenkeel_server_failures_total", .counter,
      "Attempts that went wrong by a server: no connection, no answer, or a status of 5xx.",
      servers.map { .init($0.1, $0.0.traffic.requests?.failed) })
    text.family(
      "evenkeel_server_in_flight_requests", .gauge,
      "Requests that a server has and those that wait for it.",
      servers.map { .init($0.1, $0.0.traffic.requests?.inFlight) })
    text.family(
      "evenkeel_server_queued_requests", .gauge, "Requests that wait in HAProxy for a server.",
      servers.map { .init($0.1, $0.0.traffic.queued) })
    text.family(
      "evenkeel_server_response_time_seconds", .gauge,
      "Until an answer begins, on average of HAProxy's last 1024 requests.",
      servers.map { .init($0.1, $0.0.traffic.responseSeconds) })
    text.family(
      "evenkeel_server_max_in_flight_requests", .gauge,
      "How many requests a server may have at a time: the maxconn in force.",
      servers.flatMap { server, labels in
        server.weights.map {
          .init(labels + [("balancer", $0.balancer.text)], $0.limit.map(Double.init))
        }
      })
    text.family(
      "evenkeel_server_max_in_flight_advised_requests", .gauge,
      "The maxconn, on each HAProxy, with which what waits would wait in HAProxy.",
      servers.map { .init($0.1, $0.0.limitOnEach.map(Double.init)) })
    text.family(
      "evenkeel_server_max_in_flight_advice_sure", .gauge,
      "Whether that was seen for long enough, and with little enough to do.",
      servers.map { .init($0.1, $0.0.limit?.isSure.map { $0 ? 1 : 0 }) })
    text.family(
      "evenkeel_server_request_cpu_seconds", .gauge, "CPU time that a request costs a server.",
      servers.map { .init($0.1, $0.0.costPerRequest) })
    text.family(
      "evenkeel_server_traffic_share_ratio", .gauge, "A server's share of its backend's traffic.",
      servers.map { .init($0.1, $0.0.share) })
    text.family(
      "evenkeel_server_last_sample_timestamp_seconds", .gauge,
      "When the newest sample of a server's container was taken, in Unix time.",
      servers.map { server, labels in
        let taken = server.sampleAgeSeconds.flatMap { age in
          snapshot.map { $0.at.advanced(bySeconds: -age) }
        }
        return .init(labels, taken.map { wall.shown($0).secondsSinceEpoch })
      })
    text.family(
      "evenkeel_server_weight", .gauge, "A server's weight in HAProxy.",
      servers.flatMap { server, labels in
        server.weights.map {
          .init(labels + [("balancer", $0.balancer.text)], Double($0.standing.value))
        }
      })
  }
}

extension Verdict.Level {
  fileprivate var number: Double {
    switch self {
    case .ok: 0
    case .warning: 1
    case .critical: 2
    }
  }
}
