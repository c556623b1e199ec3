internal import Balancing
package import Control
internal import Glibc
package import Logging
internal import ServiceLifecycle
package import Systemd

/// The main loop: on a timer it reads the fleet, plans and writes; between two ticks it reloads, and
/// looks for a HAProxy that was.
///
/// All that it knows is in this loop's own task. Start-up and reload take the same path: a file
/// becomes a `Configuration`, which becomes a `Fleet`, which the controller goes on with.
package struct Daemon: Service {
  private let file: String
  private let environment: [String: String]
  private let log: EventLog
  private let notifier: ServiceNotifier
  private let progress: LoopProgress
  private let reloads: ReloadRequests
  private let keeper: StateKeeper?
  private let desk: BrakeDesk
  private let brakes: BrakeKeeper?
  private let board: StatusBoard
  /// The clock that all moments are on; the board's as well.
  private let steadyClock: SteadyClock
  private let clock: any Clock<Duration>
  /// Time since the daemon was made, on the same clock.
  private let elapsed: @Sendable () -> Duration
  private let onSnapshot: (@Sendable (Snapshot) -> Void)?

  /// - Parameters:
  ///   - configurationPath: the file that is read at the start and at each reload.
  ///   - steadyClock: what all moments are on, those of the board included: two that were made at
  ///     different times may be apart for good.
  ///   - progress: where the loop promises to go on, for a `Watchdog`.
  ///   - reloads: raised by a `HangupListener`.
  ///   - keeper: has what an earlier run learned, and gets what this one learns.
  ///   - desk: has the orders that a `BrakeServer` takes in.
  ///   - brakes: has what an earlier run was told to leave alone.
  ///   - board: is told what happens, for a `StatusServer` to show.
  ///   - onSnapshot: called at the end of each tick.
  package init<C: Clock<Duration>>(
    configurationPath: String, environment: [String: String], logger: Logger,
    steadyClock: SteadyClock, notifier: ServiceNotifier = ServiceNotifier(),
    progress: LoopProgress = LoopProgress(), reloads: ReloadRequests = ReloadRequests(),
    keeper: StateKeeper? = nil, desk: BrakeDesk = BrakeDesk(), brakes: BrakeKeeper? = nil,
    board: StatusBoard? = nil, clock: C = ContinuousClock(),
    onSnapshot: (@Sendable (Snapshot) -> Void)? = nil
  ) {
    file = configurationPath
    self.environment = environment
    log = EventLog(logger)
    self.notifier = notifier
    self.progress = progress
    self.reloads = reloads
    self.keeper = keeper
    self.desk = desk
    self.brakes = brakes
    self.steadyClock = steadyClock
    self.board =
      board
      ?? StatusBoard(
        configFile: configurationPath, progress: progress, now: { steadyClock.now })
    self.clock = clock
    let start = clock.now
    elapsed = { start.duration(to: clock.now) }
    self.onSnapshot = onSnapshot
  }

  /// Runs until a graceful shutdown or cancellation.
  ///
  /// - Throws: `InvalidFile`, before anything is touched.
  package func run() async throws {
    var running = try await start()
    let loop = running
    running = await withGracefulShutdownHandler {
      await cancelWhenGracefulShutdown { await repeatTicks(loop) }
    } onGracefulShutdown: {
      notifier.stopping()
    }
    log.log(.stopping, "evenkeel stops; \(running.farewell)")
    if running.configuration.onStop == .restore { await giveBackWeights(running.controller) }
    await running.fleet.close()
  }
}

extension TickReport {
  /// Whether a balancer was found to be another process.
  fileprivate var hasReload: Bool {
    events.contains { if case .balancerReloaded = $0 { true } else { false } }
  }
}

/// What the loop works with.
private struct Running: Sendable {
  var configuration: Configuration
  var fleet: Fleet
  var controller: FleetController
  /// What HAProxy said last of its servers.
  var servers: SeenServers?
  var summary = HourlySummary()
  var flaps = FlapFilter()
  /// Whether a first tick was told.
  var isReady = false

  var farewell: String {
    switch configuration.onStop {
    case .keep: "weights stay as they are"
    case .restore: "HAProxy's own weights are put back"
    }
  }
}

extension Daemon {
  /// Longer than any tick needs for thinking, and shorter than anybody would wait for it.
  private static let slack = Duration.seconds(5)

  private func start() async throws -> Running {
    let configuration = try Configuration.load(from: file, environment: environment)
    let token = try StatusToken.load(configuration, file: file)
    var fleet = try await Fleet.open(configuration, file: file, clock: steadyClock)
    board.take(configuration, token: token)
    let brake = brakes?.load(steady: steadyClock.now) ?? Brake()
    log.log(.started, "evenkeel \(evenkeelVersion) started with \(file): \(configuration.outline)")
    warn(of: configuration)
    tell(await fleet.find(), of: fleet)
    // What was paused before is still.
    for event in brake.events(at: steadyClock.now) { log.log(event) }
    return Running(
      configuration: configuration, fleet: fleet,
      controller: FleetController(
        settings: fleet.settings, endpoints: fleet.endpoints, balancers: fleet.balancers,
        learned: keeper?.load() ?? LearnedFleet(), brake: brake, clock: clock,
        now: { [steadyClock] in steadyClock.now }))
  }

  private func warn(of configuration: Configuration) {
    guard let warning = SecrecyNotes.ofPeers(configuration) else { return }
    log.log(.statusUnguarded, warning)
  }

  private func repeatTicks(_ start: Running) async -> Running {
    var running = start
    let beginning = elapsed()
    var course = LoopCourse(interval: running.configuration.interval)
    while !Task.isCancelled {
      let began = elapsed() - beginning
      let report = await tick(&running)
      guard !Task.isCancelled else {
        // What was still written is told; what failed only because of the end is not.
        for case .weightChanged(let change) in report.events { log.log(.weightChanged(change)) }
        break
      }
      let ended = elapsed() - beginning
      publish(report, took: ended - began, &running, at: ended)
      let next = Pace(interval: running.configuration.interval).time(to: report.nextTick)
      let missed = course.ticked(
        began: began, ended: ended, next: next, hasReload: report.hasReload)
      if missed > 0 {
        tellOverrun(of: ended - began, missed: missed, course.schedule, &running, at: ended)
      }
      var isWaiting = true
      while isWaiting {
        let waking = await wait(by: course, since: beginning, with: running.controller)
        guard !Task.isCancelled else { break }
        course.woke(by: waking, at: elapsed() - beginning)
        let interval = await reloadIfAsked(&running)
        let hasOrders = await carryOutOrders(&running)
        isWaiting =
          course.served(
            reloadedTo: interval, hasOrders: hasOrders, at: elapsed() - beginning) == .wait
      }
    }
    return running
  }

  private func tick(_ running: inout Running) async -> TickReport {
    let pace = Pace(interval: running.configuration.interval)
    progress.promise(
      within: pace.endpointDeadline * 2 + pace.balancerDeadline * 2 + Self.slack)
    // Whoever knows of hosts is asked meanwhile, for the next tick.
    let (finder, servers, asked) = (running.fleet.finder, running.servers, steadyClock.now)
    async let answers = finder.ask(
      servers: servers, within: pace.endpointDeadline, at: asked)
    let fleet = running.fleet
    async let peers = fleet.lookUpPeers()
    let report = await running.controller.tick()
    running.servers = report.servers
    await follow(await answers, &running)
    if running.fleet.take(peers: await peers) {
      await running.controller.reconfigure(
        running.fleet.settings, endpoints: running.fleet.endpoints,
        balancers: running.fleet.balancers)
    }
    return report
  }

  private func tellOverrun(
    of duration: Duration, missed: Int, _ schedule: TickSchedule, _ running: inout Running,
    at now: Duration
  ) {
    let line = LogLine(
      event: .tickOverran,
      text:
        "a tick took \(decimal(duration.inSeconds, 1)) s, longer than the interval of "
        + "\(DurationText(schedule.interval)); \(missed) tick(s) left out", subject: .pace)
    if let line = running.flaps.filter(line, at: now) { log.log(line) }
  }

  /// Goes on with the hosts that are found now.
  private func follow(_ answers: HostFinder.Answers, _ running: inout Running) async {
    let (events, isChanged) = await running.fleet.take(answers)
    if isChanged { await running.controller.follow(running.fleet.endpoints) }
    guard isChanged || !events.isEmpty else { return }
    tell(events, of: running.fleet)
  }

  private func tell(_ events: [ControlEvent], of fleet: Fleet) {
    for event in events { log.log(event) }
    board.take(events)
    board.follow(fleet)
  }

  private func publish(
    _ report: TickReport, took: Duration, _ running: inout Running, at now: Duration
  ) {
    let status = StatusLine.text(for: board.take(report, took: took, telling: .forVerdict))
    for event in report.events {
      if let line = running.flaps.filter(LogLine(event), at: now) { log.log(line) }
    }
    for line in running.flaps.summaries(at: now) { log.log(line) }
    if let line = running.summary.add(report, at: now, status: status) {
      log.log(.summary, line)
    }
    notifier.status(status)
    keeper?.take(running.controller.learned)
    onSnapshot?(report.snapshot)
    log.debug("tick \(report.snapshot.tick) took \(decimal(took.inSeconds, 3)) s")
    guard !running.isReady else { return }
    running.isReady = true
    log.log(.ready, "ready: " + status)
    notifier.ready()
  }

  /// Waits for the next tick, which is wanted at once when a balancer has become another process:
  /// each second under the weights of its file costs a queue.
  private func wait(
    by course: LoopCourse, since beginning: Duration, with controller: FleetController
  ) async -> LoopCourse.Waking {
    let due = beginning + course.schedule.due
    let pause = Pace(interval: course.schedule.interval).quickInterval
    while course.looksForProcesses, elapsed() + pause < due {
      await wait(until: elapsed() + pause)
      guard !Task.isCancelled, !reloads.isRaised, !desk.isAwaited else { return .usual }
      if await controller.hasNewProcess() { return .newProcess }
    }
    await wait(until: due)
    return .usual
  }

  /// Waits for a moment, for a reload, or for the end.
  private func wait(until due: Duration) async {
    let left = due - elapsed()
    progress.promise(within: max(left, .zero) + Self.slack)
    guard left > .zero else { return }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await clock.sleep(for: left) }
      group.addTask { await reloads.wait() }
      group.addTask { await desk.wait() }
      await group.next()
      group.cancelAll()
    }
  }

  /// - Returns: the interval that holds from now on; `nil` where no reload was wanted.
  private func reloadIfAsked(_ running: inout Running) async -> Duration? {
    guard reloads.take() else { return nil }
    await reload(&running)
    return running.configuration.interval
  }

  private func reload(_ running: inout Running) async {
    notifier.reloading()
    // systemd waits for this, whatever comes of the reload.
    defer { notifier.ready() }
    do {
      let configuration = try Configuration.load(from: file, environment: environment)
      let token = try StatusToken.load(configuration, file: file)
      var fleet = try await Fleet.open(configuration, file: file, clock: steadyClock)
      fleet.inherit(from: running.fleet)
      let found = await fleet.find()
      board.take(configuration, token: token)
      tell(found, of: fleet)
      await running.controller.reconfigure(
        fleet.settings, endpoints: fleet.endpoints, balancers: fleet.balancers)
      await running.fleet.close()
      running.fleet = fleet
      running.configuration = configuration
      notifier.errno(0)
      notifier.status("reloaded: \(configuration.outline)")
      log.log(.reloaded, "configuration reloaded from \(file): \(configuration.outline)")
      warn(of: configuration)
    } catch {
      let lines = "\(error)".split(whereSeparator: \.isNewline)
      let refusal =
        "reload refused, the earlier configuration goes on: \(lines.first ?? "")"
        + (lines.count > 1 ? " (and \(lines.count - 1) more)" : "")
      board.refuse(lines.joined(separator: "\n"))
      notifier.errno(EINVAL)
      notifier.status(refusal)
      log.log(.reloadRefused, refusal)
      for line in lines { log.log(.reloadRefused, String(line)) }
    }
  }

  /// - Returns: whether there were any.
  private func carryOutOrders(_ running: inout Running) async -> Bool {
    let orders = desk.take()
    for order in orders {
      let (events, reply) = await running.controller.carryOut(
        order.order, by: order.user, seeing: board.report)
      board.take(events)
      let kept = KeptBrake(running.controller.brake, steady: steadyClock.now, wall: .onWallClock)
      desk.answer(order, BrakeDesk.Outcome(reply: reply, kept: events.isEmpty ? nil : kept))
      // Somebody waits for the answer, and nobody for ten thousand lines of the journal.
      for event in events { log.log(event) }
    }
    return !orders.isEmpty
  }

  private func giveBackWeights(_ controller: FleetController) async {
    // In a task of its own: where another service hangs at the end all are cancelled, this one too, in
    // which whatever is asked would be given up at once. Its own deadlines end it within a second.
    let restoration = await Task {
      var controller = controller
      return await controller.giveBackWeights()
    }.value
    for event in restoration.told { log.log(event) }
    for (balancer, failure) in restoration.failures { log.log(.balancerLost(balancer, failure)) }
    if restoration.unreached > 0 {
      log.log(
        .stopping, at: .warning,
        "HAProxy took too long for \(restoration.unreached) weights, which stay as they are")
    }
  }
}

extension Configuration {
  /// What it names, in one line.
  fileprivate var outline: String {
    "\(backends.count) backend(s) (\(backends.map(\.name.text).joined(separator: ", "))), "
      + "\(balancers.count) HAProxy, \(sourcesOutline), every \(DurationText(interval))"
  }
}

extension Configuration {
  /// Where the load is read, in few words.
  package var sourcesOutline: String {
    let listed = endpoints.isEmpty ? [] : ["\(endpoints.count) source(s)"]
    return (listed + findings.map { "hosts by \($0.origin)" }).joined(separator: " and ")
  }
}
