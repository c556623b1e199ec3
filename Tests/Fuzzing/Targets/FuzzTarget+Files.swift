import CheckedJSON
import CheckedJSONTestSupport
import Control
import EvenkeelDaemon
import Simulation
import TestSupport

extension FuzzTarget {
  /// Whatever is read has no empty list and only servers of known balancers; whatever is refused has
  /// problems, each with something to say.
  static func configuration() throws -> FuzzTarget {
    let tokens = [
      "\"weights\":", "\"unix:/\"", "\"http://\"", "\"{9}\"", "\"(a+)+\"", "\"urls\":[]",
      "\"tcp:[::1]:1\"", "\"interval\":\"1d\"", "\"pattern\":", "\"balancers\":", "\"name\":",
    ]
    let corpus =
      try [Corpus.file("config.example.json")] + Corpus.written(for: "configuration")
    return FuzzTarget("configuration", corpus: corpus, tokens: tokens) { bytes in
      let files = ReferencedFiles(configuration: "c", environment: [:]) { _ in false }
      do {
        let configuration = try ConfigurationParser(file: "c", files: files).parse(bytes)
        let names = Set(configuration.balancers.map(\.name))
        try require(!configuration.endpoints.isEmpty, "no endpoints")
        try require(!names.isEmpty, "no balancers")
        try require(!configuration.backends.isEmpty, "no backends")
        try require(
          Configuration.allowedIntervals.contains(configuration.interval), "wrong interval")
        for backend in configuration.backends {
          try require(!backend.balancers.isEmpty, "\(backend.name) has no balancer")
          try require(names.isSuperset(of: backend.balancers), "\(backend.name): unknown balancer")
        }
      } catch let refusal as InvalidFile {
        try JSONFaults.check(refusal)
      }
    }
  }

  /// Whatever is read can be run; whatever is refused has problems, each with something to say.
  static func scenario() throws -> FuzzTarget {
    let tokens = [
      "\"servers\":", "\"hosts\":", "\"h1\"", "\"s1\"", "\"lb1\"", "0.0", "1e-300", "86400",
      "{\"at\":1,\"cost\":2}", "\"every\":1", "\"state\":", "\"up\"", "\"warmup\":{}",
    ]
    let shipped = ["03-neighbour", "05-servers-come-and-go", "07-two-balancers", "16-deployment"]
    let corpus =
      try shipped.map { try Corpus.file("Sources/Simulation/Scenarios/\($0).json") }
      + Corpus.written(for: "scenario")
    return FuzzTarget("scenario", corpus: corpus, tokens: tokens) { bytes in
      do {
        let scenario = try ScenarioFile.parse(bytes, file: "s")
        let hosts = Set(scenario.hosts.map(\.name))
        try require(!hosts.isEmpty && hosts.count == scenario.hosts.count, "wrong hosts")
        let servers = Set(scenario.servers.map(\.name))
        try require(!servers.isEmpty && servers.count == scenario.servers.count, "wrong servers")
        try require(scenario.servers.allSatisfy { hosts.contains($0.host) }, "unknown host")
        try require(scenario.balancers.contains { $0.share > 0 }, "no balancer has a share")
        try require(scenario.request.cpuSeconds > 0, "requests of no cost")
        try require((1...86_400).contains(scenario.durationSeconds), "wrong duration")
        let times = scenario.events.map(\.atSeconds)
        try require(times == times.sorted(), "events are not in order")
        try require(
          times.allSatisfy { (0...scenario.durationSeconds).contains($0) }, "an event is too late")
      } catch let refusal as InvalidFile {
        try JSONFaults.check(refusal)
      }
    }
  }

  /// A pattern, and on the next line a name.
  static func pattern() throws -> FuzzTarget {
    let tokens = [
      "(", ")", "(?:", "(?=", "(?<!", "(?P<n>", "(?R)", "(?1)", "\\1", "\\g{-1}", "(a+)+", "(a*)*b",
      "(.*.*)*x", "{0,65535}", "{,3}", "++", "*?", "\\C", "\\X", "\\p{L}", "[[:alpha:]]", "[^]",
      "(*COMMIT)", "(*LIMIT_MATCH=4294967295)", "(*UTF)", "(?i)", "(?C1)", "\\K", "\\Q", "\\E", "|",
      "aaaaaaaaaaaaaaaaaaaaaaaa", "\\x{10ffff}", "(?(1)a|b)", "(?|(a)|(b))", "\n",
    ]
    let corpus = try Corpus.written(for: "pattern")
    return FuzzTarget("pattern", corpus: corpus, tokens: tokens) { bytes in
      let lines = bytes.split(
        separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false
      ).map { String(decoding: $0, as: UTF8.self) }
      let name = lines.dropFirst().first ?? ""
      let pattern: PCREPattern
      do throws(PCREPattern.Invalid) {
        pattern = try PCREPattern(lines.first ?? "")
      } catch {
        return try require(!error.reason.isEmpty, "refused without a word")
      }
      guard case .match(let groups) = pattern.verdict(on: name) else { return }
      try require(groups.count == pattern.groupCount + 1, "groups that the pattern has not")
      try require(
        groups.allSatisfy { ($0?.utf8.count ?? 0) <= name.utf8.count }, "more than the name")
    }
  }
}
