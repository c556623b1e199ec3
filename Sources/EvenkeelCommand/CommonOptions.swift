internal import ArgumentParser
internal import EvenkeelDaemon
internal import Logging
internal import Systemd

struct ConfigurationOptions: ParsableArguments {
  @Option(
    name: [.customLong("config"), .customShort("c")],
    help: ArgumentHelp(
      "The configuration file; - is standard input.",
      discussion: "Default: $EVENKEEL_CONFIG, then \(fallback). `evenkeel init` writes one.",
      valueName: "file"))
  var config: String?

  private static let fallback = ConfigurationLocation.standard

  var path: String {
    ConfigurationLocation.resolve(option: config, environment: Process.environment)
  }

  /// The file as people are told of it.
  var shownPath: String {
    path == ConfigurationLocation.standardInput ? "standard input" : path
  }

  func load() throws -> Configuration {
    try Configuration.load(from: path, environment: Process.environment, mayBePipe: true)
  }

  /// Opens the parts of the configuration, and closes them when the work is done.
  ///
  /// - Parameter finds: whether hosts are asked for where they are not listed.
  func withFleet<Value>(
    finds: Bool = true, _ work: (Configuration, Fleet) async throws -> Value
  ) async throws -> Value {
    let configuration = try load()
    return try await withFleet(of: configuration, clock: SteadyClock(), finds: finds) { fleet in
      try await work(configuration, fleet)
    }
  }

  /// - Parameters:
  ///   - configuration: that of this file.
  ///   - clock: what is measured by.
  func withFleet<Value>(
    of configuration: Configuration, clock: SteadyClock, finds: Bool = true,
    _ work: (Fleet) async throws -> Value
  ) async throws -> Value {
    var fleet = try await Fleet.open(configuration, file: path, clock: clock)
    if finds { _ = await fleet.find() }
    do {
      let value = try await work(fleet)
      await fleet.close()
      return value
    } catch {
      await fleet.close()
      throw error
    }
  }
}

struct LogOptions: ParsableArguments {
  @Option(help: "The least level to log.")
  var logLevel = LogLevel.info

  /// A logger to the journal where standard error is the journal's, else to standard error.
  func logger() -> Logger {
    let destination = LogDestination.ofStandardError()
    let level = Logger.Level(rawValue: logLevel.rawValue) ?? .info
    return Logger(label: "evenkeel") { destination.handler(label: $0, level: level) }
  }
}

struct StateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where to keep what was learned.",
      discussion: "Default: $STATE_DIRECTORY, /var/lib/evenkeel for root, else "
        + "~/.local/state/evenkeel.", valueName: "directory"))
  var stateDir: String?

  var directory: String {
    StateDirectory.resolve(option: stateDir, environment: Process.environment)
  }
}

struct RuntimeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the socket is at which the daemon takes orders.",
      discussion: "Default: $RUNTIME_DIRECTORY, /run/evenkeel for root, else "
        + "$XDG_RUNTIME_DIR/evenkeel.", valueName: "directory"))
  var runtimeDir: String?

  /// Where the daemon listens.
  var socket: String {
    ControlSocket.path(option: runtimeDir, environment: Process.environment)
  }

  /// Where it is asked.
  var socketToAsk: String {
    ControlSocket.pathToAsk(option: runtimeDir, environment: Process.environment)
  }
}

/// The levels of swift-log, as an argument.
enum LogLevel: String, CaseIterable, ExpressibleByArgument, Sendable {
  case trace, debug, info, notice, warning, error, critical

  /// By its name, or by the one that others have for it.
  init?(argument: String) {
    let name = argument.lowercased()
    self.init(rawValue: ["warn": "warning", "err": "error"][name] ?? name)
  }
}
