internal import ArgumentParser
internal import EvenkeelDaemon

/// What is meant, and which daemon is told.
struct BrakeOptions: ParsableArguments {
  @Argument(help: "The backend; all of them without one.")
  var backend: String?

  @Argument(help: "The server of that backend; all of them without one.")
  var server: String?

  @OptionGroup var runtime: RuntimeOptions

  /// Gives an order and prints the answer.
  func give(_ action: BrakeOrder.Action, for time: PauseTime? = nil) async throws {
    let environment = Process.environment
    let order = BrakeOrder(
      action, backend: backend, server: server, seconds: time?.seconds,
      askedBy: environment["SUDO_USER"])
    let client = BrakeClient(path: runtime.socketToAsk)
    let reply: BrakeReply
    do {
      reply = try await Process.reaching { try await client.give(order) }
    } catch let refusal as StatusClient.Refused {
      Output.error("\(refusal)")
      throw ExitCode.failure
    }
    for line in reply.lines { if reply.done { Output.data(line) } else { Output.error(line) } }
    guard reply.done else { throw ExitCode.failure }
  }
}

/// How long something is left alone.
struct PauseTime: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    guard let duration = DurationText(parsing: argument)?.duration, duration >= .seconds(1),
      duration <= .seconds(BrakeOrder.longestSeconds)
    else { return nil }
    seconds = Double(duration.components.seconds)
  }
}
