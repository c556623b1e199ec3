internal import ArgumentParser
internal import AsyncAlgorithms
internal import CheckedJSON
internal import EvenkeelDaemon
internal import NIOPosix
internal import Terminal
internal import UnixSignals

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Asks the running daemon what it does.",
    discussion: """
      Exit code 69 when the daemon does not answer. With --nagios the exit codes and the line are \
      those of monitoring plugins: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.

      Example: evenkeel status --watch
      Example: evenkeel status --nagios --warning 1.25 --critical 1.5
      """)

  @OptionGroup var daemon: StatusOptions

  @Option(
    help: ArgumentHelp("Only this backend; may be given several times.", valueName: "name"))
  var backend: [String] = []

  @Flag(help: "Print the status as JSON.")
  var json = false

  @Flag(help: "Show it full-screen, again and again, until q or ctrl-C.")
  var watch = false

  @Option(help: "The order of servers.")
  var sort = ServerOrder.worst

  @Flag(help: "Answer as a monitoring plugin.")
  var nagios = false

  @Option(
    help: ArgumentHelp(
      "With --nagios: warn at once of a spread outside of this range.",
      discussion: "Default: where it is above 1.25 for a minute.",
      valueName: "range"))
  var warning: NagiosRange?

  @Option(
    help: ArgumentHelp(
      "With --nagios: a spread outside of this range is critical.", discussion: "Default: none.",
      valueName: "range"))
  var critical: NagiosRange?

  func validate() throws {
    guard [json, watch, nagios].count(where: \.self) <= 1 else {
      throw ValidationError("--json, --watch and --nagios exclude each other.")
    }
    guard nagios || (warning == nil && critical == nil) else {
      throw ValidationError("--warning and --critical go with --nagios.")
    }
  }

  func run() async throws {
    if nagios { return try await answerAsPlugin() }
    let client = try await Process.reaching { try daemon.client() }
    if watch { return try await StatusWatch(client: client, backends: backend, order: sort).run() }
    let report = try await Process.reaching { try await client.status() }
    guard let shown = report.only(backend) else { throw report.lacks(backend) }
    if json {
      try Output.json(shown)
    } else {
      let renderer = StatusText(style: Output.styleOfLocale, order: sort)
      Output.painted(renderer.lines(for: shown).joined(separator: "\n"))
    }
  }

  private func answerAsPlugin() async throws {
    let thresholds =
      warning == nil && critical == nil
      ? VerdictThresholds.standard
      : VerdictThresholds(warning: warning ?? NagiosRange("1.25"), critical: critical)
    let (daemon, backend) = (daemon, backend)
    let verdict = try await Signals.run {
      let client: StatusClient
      // Whatever keeps the daemon from being asked is wrong with the question.
      do { client = try daemon.client() } catch { return NagiosVerdict(unknown: "\(error)") }
      do {
        return NagiosVerdict(try await client.status(), thresholds, backends: backend)
      } catch let refusal as StatusClient.Refused {
        return NagiosVerdict(unknown: "\(refusal)")
      } catch {
        try Task.checkCancellation()
        return NagiosVerdict(unanswered: "\(error)")
      }
    }
    Plugin.answer(verdict ?? NagiosVerdict(unknown: "given up on a signal"))
  }
}

extension NagiosRange: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension StatusReport {
  /// What is wrong with names of which `only` finds not all.
  func lacks(_ names: [String]) -> Absent {
    let known = backends.map(\.name)
    return Absent("backend", names.first { !known.contains($0) } ?? "", among: known)
  }

  /// - Returns: the report with the named backends alone, all where none is named; `nil` when one is
  ///   not there.
  func only(_ names: [String]) -> StatusReport? {
    guard !names.isEmpty else { return self }
    var report = self
    report.backends = backends.filter { names.contains($0.name) }
    return report.backends.count == Set(names).count ? report.judged() : nil
  }
}

/// The status on the whole screen, drawn again every second.
struct StatusWatch: Sendable {
  private static let period = Duration.seconds(1)
  /// Where nothing can be redrawn, a block now and then.
  private static let blockPeriod = Duration.seconds(10)
  private static let keyMilliseconds: Int32 = 200

  let client: StatusClient
  let backends: [String]
  let order: ServerOrder

  fileprivate enum Event: Sendable {
    case time, resized, ended
    case scrolled(Int)
  }

  func run() async throws {
    let isTerminal = Output.isTerminal
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sigwinch)
    let period = isTerminal ? Self.period : Self.blockPeriod
    let (keys, pressed) = AsyncStream.makeStream(of: Event.self)
    let events = merge(
      signals.map { $0 == .sigwinch ? Event.resized : .ended },
      AsyncTimerSequence(interval: period, clock: .continuous).map { _ in Event.time }, keys)
    let screen = FullScreen(isTerminal: isTerminal)
    let input = isTerminal ? KeyInput() : nil
    screen.open()
    defer {
      screen.close()
      input?.restore()
    }
    await withTaskGroup(of: Void.self) { group in
      if input != nil { group.addTask { await Self.read(into: pressed) } }
      await draw(events, on: screen)
      group.cancelAll()
    }
  }

  private func draw(_ events: some AsyncSequence<Event, Never> & Sendable, on screen: FullScreen)
    async
  {
    var latest = await look()
    var offset = screen.show(lines(for: latest))
    for await event in events {
      switch event {
      case .ended: return
      case .resized: break
      case .scrolled(let lines): offset = max(0, offset + lines)
      case .time: latest = await look()
      }
      offset = screen.show(lines(for: latest), from: offset)
    }
  }

  /// Reads keys until it is cancelled. A thread of the pool waits for them, never for long.
  private static func read(into pressed: AsyncStream<Event>.Continuation) async {
    while !Task.isCancelled {
      let keys = try? await NIOThreadPool.singleton.runIfActive {
        KeyInput.keys(within: keyMilliseconds)
      }
      guard let keys else { return }
      if let event = Event(keys) { pressed.yield(event) }
    }
  }

  private func look() async -> Result<StatusReport, any Error> {
    do { return .success(try await client.status()) } catch { return .failure(error) }
  }

  /// As wide as the terminal is now.
  private func lines(for latest: Result<StatusReport, any Error>) -> [String] {
    let text = StatusText(style: Output.styleOfLocale, order: order)
    switch latest {
    case .success(let report):
      guard let shown = report.only(backends) else {
        return text.lost("\(report.lacks(backends))")
      }
      return text.lines(for: shown)
    case .failure(let error):
      return text.lost("\(error)")
    }
  }
}

extension StatusWatch.Event {
  /// As pagers have them.
  fileprivate init?(_ keys: [UInt8]) {
    switch String(decoding: keys, as: UTF8.self) {
    case "q", "Q": self = .ended
    case "j", "\u{1B}[B", "\n": self = .scrolled(1)
    case "k", "\u{1B}[A": self = .scrolled(-1)
    case " ", "\u{1B}[6~": self = .scrolled(10)
    case "b", "\u{1B}[5~": self = .scrolled(-10)
    default: return nil
    }
  }
}

extension Output {
  /// What standard output can show, heeding the locale.
  static var styleOfLocale: TextStyle {
    let environment = Process.environment
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }
      .first { !$0.isEmpty }
    var style = style
    style.hasUnicode = locale?.uppercased().replacing("-", with: "").contains("UTF8") ?? false
    return style
  }
}
