internal import ArgumentParser
internal import Control
internal import EvenkeelDaemon
internal import Logging

struct OnceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "once",
    abstract: "Does one pass that writes, and exits: for those who stay with cron.",
    discussion: """
      What it measured and learned is kept in the state directory, so that each pass has the rates \
      since the one before; the first pass only looks. Passes must come at least every three \
      minutes: older samples are forgotten. Two at a time exclude each other. What `evenkeel pause` \
      left alone before is left alone.

      Example: * * * * * evenkeel once --config /etc/evenkeel/config.json
      """)

  @OptionGroup var configuration: ConfigurationOptions
  @OptionGroup var log: LogOptions

  @OptionGroup var state: StateOptions

  func run() async throws {
    let options = configuration
    let logger = log.logger()
    let events = EventLog(logger)
    let directory = state.directory
    let found = try await Signals.run {
      let configuration = try options.load()
      try StateDirectory.make(directory)
      let lock = try RunLock(path: "\(directory)/once.lock")
      let file = StateFile.once(in: directory)
      let earlier = Self.load(file, events)
      // Sources measure by it, too: before it is known none is opened.
      let clock = SteadyClock(goingOnFrom: earlier)
      let (report, learned) = try await options.withFleet(of: configuration, clock: clock) {
        fleet in
        let (report, learned) = await SingleLook(configuration: configuration, fleet: fleet)
          .once(from: earlier, heeding: BrakeKeeper(directory: directory, logger: logger))
        // Told before it is kept: what was written must not go unsaid for a full disk.
        for event in report.events { events.log(event) }
        return (report, learned)
      }
      try file.save(learned, now: .onWallClock, boot: .now)
      lock.release()
      return (report: report, interval: configuration.interval)
    }
    guard let found else { throw ExitCode.failure }
    let report = found.report
    Output.data(StatusLine.text(for: StatusReport(of: report, every: found.interval)))
    if report.snapshot.isIncomplete { throw Process.unreachable }
  }

  private static func load(_ file: StateFile<OnceState>, _ events: EventLog) -> OnceState? {
    do {
      return try file.load(now: .onWallClock, boot: .now)
    } catch {
      events.log(.stateUnusable, "\(error); starting afresh")
      return nil
    }
  }
}
