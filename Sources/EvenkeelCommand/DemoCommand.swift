internal import ArgumentParser
internal import Demo
internal import UnixSignals

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Shows evenkeel at work: a real HAProxy, six small servers, a load, no root.",
    discussion: "Example: evenkeel demo --seconds 60")

  @Option(
    help: ArgumentHelp(
      "End by itself after so many seconds, at least \(DemoOptions.minimumSeconds).",
      discussion: "Without it ctrl-C ends the demo."))
  var seconds: Int?

  @Flag(help: "Print only the summary, as JSON.")
  var json = false

  func validate() throws {
    if let seconds, seconds < DemoOptions.minimumSeconds {
      throw ValidationError("--seconds takes a number from \(DemoOptions.minimumSeconds) on.")
    }
  }

  func run() async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let demo = Demo(
      options: DemoOptions(seconds: seconds, json: json), environment: Process.environment,
      output: .standard(environment: Process.environment))
    try await demo.run(until: { for await _ in signals { return } })
  }
}
