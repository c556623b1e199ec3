internal import ArgumentParser
internal import Control
internal import EvenkeelDaemon

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a first configuration from what HAProxy and cAdvisor show.",
    discussion: """
      Lists HAProxy's backends and servers, asks for a cAdvisor at each server's address and on \
      this host, or else for containers at Docker's or Podman's socket on this host, or else for a \
      node_exporter at port 9100, and proposes the rule that tells the most servers their \
      containers. In mode observe, unless --control is given: nothing is written to HAProxy before \
      you say so.

      An existing file is never overwritten without --force. It asks before it writes; where nobody \
      can be asked, it writes with --yes alone. With --output - it prints the configuration, and \
      writes nothing.

      Backends that cannot be steered (`balance static-rr`, hashes) and those without containers are \
      left out, and named.

      Example: evenkeel init --socket unix:/run/haproxy/admin.sock --output config.json
      Example: evenkeel init --output - >config.json
      """)

  @Option(
    help: ArgumentHelp(
      "HAProxy's socket: /PATH, unix:/PATH or tcp:HOST:PORT; may be repeated.",
      valueName: "address"))
  var socket = ["unix:/run/haproxy/admin.sock"]

  @Option(help: ArgumentHelp("A cAdvisor to ask as well; may be repeated.", valueName: "url"))
  var cadvisor: [String] = []

  @Option(help: ArgumentHelp("cAdvisor's port on the servers' hosts.", valueName: "port"))
  var cadvisorPort = 8080

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write; - is standard output.",
      discussion: "Default: $EVENKEEL_CONFIG, then /etc/evenkeel/config.json.",
      valueName: "file"))
  var output: String?

  @Flag(help: "Write a configuration that steers at once.")
  var control = false

  @Flag(help: "Overwrite an existing file.")
  var force = false

  @Flag(help: "Write without asking.")
  var yes = false

  mutating func validate() throws {
    guard (1...65_535).contains(cadvisorPort) else {
      throw ValidationError("--cadvisor-port is 1…65535, not \(cadvisorPort)")
    }
  }

  private static let standardOutput = "-"

  func run() async throws {
    let file = ConfigurationLocation.resolve(option: output, environment: Process.environment)
    let isPrinted = file == Self.standardOutput
    guard isPrinted || force || !ConfigurationFile.exists(at: file) else {
      throw Failure("\(file) is there already; --force overwrites it, --output names another")
    }
    guard isPrinted || yes || Output.canAsk else {
      throw Failure(
        "nobody can be asked here: --yes writes \(file) without asking, --output - prints it")
    }
    let places = Discovery.Places(
      sockets: socket.map { $0.hasPrefix("/") ? "unix:\($0)" : $0 }, endpoints: cadvisor,
      endpointPort: cadvisorPort)
    let discovery = Discovery(places, mode: control ? .control : .observe) {
      Output.error($0.shown)
    }
    guard let found = try await Signals.run({ try await discovery.look() }) else {
      throw ExitCode.failure
    }
    let text = try found.configuration.text(for: isPrinted ? "the proposal" : file)
    if isPrinted { Output.error(found.report.text) } else { Output.data(found.report.text) }
    for silent in found.silent { Output.error("not used: \(silent.shown)") }
    for backend in found.leftOut { Output.error("left out: \(backend.shown)") }
    for warning in found.warnings { Output.error("mind: \(warning.shown)") }
    guard !isPrinted else {
      Output.data(text)
      return
    }
    Output.data("\n" + text)
    guard yes || Output.isConfirmed("Write \(file)?") else { throw Failure("nothing was written") }
    try ConfigurationFile.write(text, to: file)
    Output.error("\(file) is written. \(next(file))")
  }

  /// What to type now: the other commands read another file, unless they are told.
  private func next(_ file: String) -> String {
    let isFound =
      file == ConfigurationLocation.resolve(option: nil, environment: Process.environment)
    let option = isFound ? "" : " --config \(file)"
    let start =
      file == ConfigurationLocation.standard
      ? "systemctl start evenkeel" : "evenkeel run\(option)"
    return "Next: evenkeel check\(option), then evenkeel plan\(option), then \(start)"
      + (control ? "" : "; \"mode\": \"control\" lets it set weights")
  }

  /// What went wrong, in one sentence.
  private struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }
}
