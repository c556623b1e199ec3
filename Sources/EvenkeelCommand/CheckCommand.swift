internal import ArgumentParser
internal import Control
internal import EvenkeelDaemon

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks the configuration, then every cAdvisor and HAProxy that it names.",
    discussion: """
      Prints which server is matched with which container, by which rule; errors, which keep \
      evenkeel from doing what the configuration asks for; notes, which somebody should know and may \
      know already; and advice, by what is to be seen at this moment and by what the running \
      daemon knows. Where a server has no container, it names those that nearly fit and those that \
      are left. Changes nothing.

      Exit codes: 0 no errors, 1 there are errors (with --strict, or notes), 69 a part is \
      unreachable, 78 the configuration is wrong.

      Example: evenkeel check --config config.json --offline
      Example: template <config.json.in | evenkeel check --config - --strict
      """)

  @OptionGroup var configuration: ConfigurationOptions

  @Flag(help: "Check the file alone; connect to nothing.")
  var offline = false

  @Flag(help: "Fail for notes as for errors, as in a pipeline.")
  var strict = false

  @Flag(help: "Print what was found as JSON.")
  var json = false

  func run() async throws {
    if offline {
      // Opened as well, since the files that it names must be usable; nothing is connected.
      let loaded = try await configuration.withFleet(finds: false) {
        configuration, _ in configuration
      }
      if json {
        try Output.json(OfflineReport(file: configuration.shownPath))
      } else {
        Output.data(
          "\(configuration.shownPath): good: \(loaded.backends.count) backend(s), "
            + "\(loaded.balancers.count) HAProxy, \(loaded.sourcesOutline)")
      }
      return
    }
    let file = configuration
    let found = try await Signals.run {
      try await file.withFleet { configuration, fleet in
        var report = await Inspector(configuration: configuration, fleet: fleet).inspect()
        // Where none runs, or it is somebody else's to ask, there is nothing to add.
        if let status = try? await file.daemon(of: configuration).status() {
          report.addLimits(of: status.backends)
        }
        // What was given up for a signal is no finding.
        try Task.checkCancellation()
        return report
      }
    }
    guard let report = found else { throw ExitCode.failure }
    if json { try Output.json(report) } else { Output.data(report.text) }
    if report.isIncomplete { throw Process.unreachable }
    if !report.errors.isEmpty || (strict && !report.notes.isEmpty) { throw ExitCode.failure }
  }
}

/// What `check --offline --json` prints when the file is good.
private struct OfflineReport: Encodable {
  var version = 1
  var ok = true
  var file: String
  var problems: [RefusedFile.Found] = []
}

extension CheckReport {
  var text: String {
    var sections: [String] = []
    // Where all are listed, nothing is to be said of that.
    let isFound = endpoints.contains { $0.origin != nil }
    var peers = TextTable(
      ["SOURCE", "HOST", "CORES", "CONTAINERS", ""] + (isFound ? ["FOUND BY"] : []),
      rightAligned: [2, 3])
    for endpoint in endpoints {
      let origin = isFound ? [endpoint.origin ?? "the list"] : []
      peers.add(
        [
          endpoint.name, endpoint.host, endpoint.cores.map { decimal($0, 0) } ?? "–",
          endpoint.containers.map(String.init) ?? "–", endpoint.failure == nil ? "ok" : "FAILED",
        ] + origin)
    }
    sections.append(peers.text)
    var balancerTable = TextTable(["HAPROXY", "ADDRESS", "LEVEL", ""])
    for balancer in balancers {
      balancerTable.add([
        balancer.name, balancer.address, balancer.level ?? "–",
        balancer.failure == nil ? "ok" : "FAILED",
      ])
    }
    sections.append(balancerTable.text)
    for backend in backends {
      var table = TextTable(
        ["SERVER", "STATE", "WEIGHT", "CONTAINER", "HOST", "QUOTA", "MATCHED BY"],
        rightAligned: [2, 5])
      for server in backend.servers where !server.isEmptySlot {
        table.add([
          server.name, server.state, String(server.weight), server.container ?? "–",
          server.host ?? "–",
          server.quotaCores.map { decimal($0, 2) }
            ?? (server.container == nil || server.flaw != nil ? "–" : "none"),
          server.rule ?? "–",
        ])
      }
      let slots = EmptySlots.text(backend.servers.count(where: \.isEmptySlot))
      sections.append(
        "backend \(backend.name.shown) (\(backend.mode), \(backend.strategy))\n" + table.text
          + (slots.map { "\n\($0)" } ?? ""))
    }
    func list(_ title: String, _ lines: [String]) {
      guard !lines.isEmpty else { return }
      sections.append("\(title):\n" + lines.map { "  \($0.shown)" }.joined(separator: "\n"))
    }
    list("Unreachable", endpoints.compactMap(\.failure) + balancers.compactMap(\.failure))
    list("Errors", errors)
    list("Notes", notes)
    list("Advice", advice)
    if ok { sections.append(notes.isEmpty ? "All is well." : "No errors.") }
    return sections.joined(separator: "\n\n")
  }
}
