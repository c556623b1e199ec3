internal import ArgumentParser
internal import CheckedJSON
internal import EvenkeelDaemon
internal import Glibc
internal import Logging
internal import ServiceLifecycle
internal import StatusServer
internal import Systemd

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs the daemon.",
    discussion: """
      SIGHUP reloads the configuration, SIGTERM and SIGINT end it; HAProxy keeps the weights. \
      Under systemd it reports readiness, status and watchdog, and logs to the journal.

      Example: evenkeel run --config /etc/evenkeel/config.json --log-level debug
      """)

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var log: LogOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var runtime: RuntimeOptions

  func validate() throws {
    guard configuration.path != ConfigurationLocation.standardInput else {
      throw ValidationError("The daemon reads its file again at each reload: name one.")
    }
  }

  func run() async throws {
    // Until the listener is there, a hangup must not end us.
    signal(SIGHUP, SIG_IGN)
    let environment = Process.environment
    let logger = log.logger()
    let notifier = ServiceNotifier()
    let progress = LoopProgress()
    let reloads = ReloadRequests()
    let keeper = StateKeeper(directory: state.directory, logger: logger)
    let brakes = BrakeKeeper(directory: state.directory, logger: logger)
    let desk = BrakeDesk()
    // One for all: two that were made at different times may be apart for good.
    let steadyClock = SteadyClock()
    let board = StatusBoard(
      configFile: configuration.path, progress: progress, now: { steadyClock.now })
    let daemon = Daemon(
      configurationPath: configuration.path, environment: environment, logger: logger,
      steadyClock: steadyClock, notifier: notifier, progress: progress, reloads: reloads,
      keeper: keeper,
      desk: desk, brakes: brakes, board: board)
    // The last to be told of the end is the first of them: it keeps what the daemon learned last.
    var services: [any Service] = [
      keeper, daemon, HangupListener(requests: reloads),
      StatusServer(board: board, logger: logger),
      BrakeServer(path: runtime.socket, desk: desk, keeper: brakes, logger: logger),
    ]
    if let watchdog = WatchdogInterval.fromEnvironment() {
      services.append(
        Watchdog(interval: watchdog.pingInterval, progress: progress, notifier: notifier))
    }
    do {
      try await Signals.run(services, logger: logger)
    } catch let refusal as InvalidFile {
      let events = EventLog(logger)
      for line in "\(refusal)".split(whereSeparator: \.isNewline) {
        events.log(.configurationRefused, String(line))
      }
      throw Process.wrongConfiguration
    }
  }
}
