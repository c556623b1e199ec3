internal import ArgumentParser
internal import Control
internal import EvenkeelDaemon

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Prints the numbers behind one server's weight, step by step.",
    discussion: """
      Without a server: how many requests in flight each server of the backend can
      use, with the `maxconn` lines that would keep queues in HAProxy.

      Example: evenkeel explain shop shop-2
      """)

  @OptionGroup var daemon: StatusOptions

  @Argument(help: "The backend, as HAProxy names it.")
  var backend: String

  @Argument(help: "The server, as HAProxy names it.")
  var server: String?

  @Flag(help: "Print the numbers as JSON.")
  var json = false

  func run() async throws {
    let client = try await Process.reaching { try daemon.client() }
    guard let server else {
      let limits = try await Process.reaching {
        let status = try await client.status()
        return LimitsText(try Self.find(backend, in: status))
      }
      if json { try Output.json(limits) } else { Output.data(limits.text) }
      return
    }
    let explanation = try await Process.reaching {
      let status = try await client.status()
      try Self.find(server, in: backend, of: status)
      return try await client.explanation(of: server, in: backend)
    }
    if json { try Output.json(explanation) } else { Output.data(explanation.text) }
  }

  /// - Throws: `Absent` with what there is, where the backend or the server is not.
  private static func find(_ server: String, in name: String, of status: StatusReport) throws {
    let backend = try find(name, in: status)
    guard backend.servers.contains(where: { $0.name == server }) else {
      throw Absent("server", server, among: backend.servers.map(\.name), of: " in backend \(name)")
    }
  }

  private static func find(_ name: String, in status: StatusReport) throws -> StatusReport.Backend {
    guard let backend = status.backends.first(where: { $0.name == name }) else {
      throw Absent("backend", name, among: status.backends.map(\.name))
    }
    return backend
  }
}

extension Explanation {
  fileprivate var text: String {
    let steps = [
      ("server", "\(backend)/\(server) (\(mode)): \(state), \(condition)"), ("container", match),
      ("samples", sampleText), ("CPU use", loadText), ("limits", limitText),
      ("utilisation", utilisationText), ("cost", costText), ("demand", demandText),
      ("aim", aimText), ("how far", aim.reach), ("how often", aim.watching),
      ("response", responseText),
      ("decision", "\(aim.decision); for this server: \(aim.target)"),
      ("dead band", bandText), ("maxconn", maxconnText),
    ]
    let lines = steps.compactMap { name, text in text.map { "\(padded(name))\($0)" } }
    return (lines + weights.map(weightText) + changeTexts).map(\.shown).joined(separator: "\n")
  }

  private func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, 14 - name.count))
  }

  private var sampleText: String? {
    guard let samples else { return "none" }
    let used = samples.cpuSeconds.map {
      ", \(decimal($0, 2)) s of CPU in \(decimal(samples.spanSeconds, 0)) s"
    }
    let age = samples.ageSeconds.map { ", the newest \(decimal($0, 1)) s old" } ?? ""
    return "\(samples.count) kept\(age)\(used ?? "")"
  }

  private var loadText: String? {
    load.map {
      let throttled = $0.throttled.map {
        "; its quota ran out in \(decimal($0 * 100, 0)) % of periods"
      }
      let pressure = $0.cpuPressure.map {
        "; waited for a CPU \(decimal($0 * 100, 0)) % of the time"
      }
      return "\(decimal($0.cpuCores, 3)) cores, over a window of \(decimal($0.windowSeconds, 1)) s"
        + (throttled ?? "") + (pressure ?? "")
    }
  }

  private var limitText: String? {
    guard let load else { return nil }
    let quota = load.quotaCores.map { "quota \(decimal($0, 2)) cores" } ?? "no quota"
    let host = load.hostCores.map { cores in
      let used = load.hostCoresUsed.map { ", \(decimal($0, 2)) in use by all on it" } ?? ""
      return "host \(decimal(cores, 0)) cores\(used)"
    }
    return [quota, host].compactMap(\.self).joined(separator: "; ")
  }

  private var utilisationText: String? {
    load.map { load in
      "\(decimal(load.utilisation, 2)), of its \(load.limit), which is the fullest"
    }
  }

  private var costText: String? {
    cost.map { cost in
      "\(decimal(cost.perRequest * 1000, 2)) ms of CPU a request"
        + (cost.evidenceRequests.map { ", learned from some \(decimal($0, 0)) requests" } ?? "")
    }
  }

  private var demandText: String? {
    aim.demandPerSecond.map { demand in
      "\(decimal(demand, 1)) requests/s for the backend"
        + (aim.requestsPerSecond.map { ", \(decimal($0, 1)) of them here" } ?? "")
    }
  }

  private var aimText: String? {
    let level = aim.levelAimedAt.map { "all servers at utilisation \(decimal($0, 2))" }
    let now = aim.meanUtilisation.map { mean in
      "now \(decimal(mean, 2)) on average" + (aim.spread.map { ", spread \(decimal($0, 2))" } ?? "")
    }
    let share =
      "share \(decimal(aim.share * 100, 1)) %"
      + (aim.wantedShare.map { ", wanted \(decimal($0 * 100, 1)) %" } ?? "")
    return [level, now, share].compactMap(\.self).joined(separator: "; ")
  }

  private var responseText: String? {
    guard aim.sharesAnswer else {
      return
        "requests were not seen to answer to weights here: these are not corrected by what comes"
    }
    guard abs(aim.response - 1) >= 0.005 else { return nil }
    return
      "\(decimal(aim.response, 2)) of the requests that its weight stands for: it is corrected by "
      + "that"
  }

  private var bandText: String? {
    guard aim.tolerance > 0 else { return nil }
    return "a weight within \(decimal(aim.tolerance * 100, 0)) % of its share is left as it is"
  }

  private var maxconnText: String? {
    inFlight.map { limit in
      let inForce = weights.map { $0.maxconn.map(String.init) ?? "none" }.joined(separator: ", ")
      let advised = limit.maxconnAdvised.map { "\($0): " } ?? ""
      return "\(advised)\(limit.advice); in force: \(inForce)"
    }
  }

  private func weightText(_ weight: Weight) -> String {
    let exact = weight.exact.map { ", before rounding \(decimal($0, 1))" } ?? ""
    let reason = weight.reason.map { " (\($0))" } ?? ""
    let change =
      weight.wanted == weight.standing
      ? "\(weight.standing), as it is" : "\(weight.standing) → \(weight.wanted)\(reason)"
    return "\(padded("weight"))\(change)\(exact), on \(weight.balancer)"
  }

  private var changeTexts: [String] {
    changes.isEmpty
      ? ["\(padded("changes"))none since the daemon started"]
      : changes.map {
        "\(padded("changed"))\($0.at.text) on \($0.balancer): \($0.old) → \($0.new) (\($0.reason))"
      }
  }
}
