import EvenkeelDaemon
import FoundationEssentials
import Terminal
import Testing

@testable import EvenkeelCommand

/// What a person sees of a status, in a window of whatever width.
@Suite struct StatusTextTests {
  private static func server(
    _ name: String, utilisation: String, held: String? = nil, condition: String = "live",
    wanted: Int = 100, reason: String? = nil
  ) -> String {
    func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "null" }
    return """
      {"name": "\(name)", "state": "up", "condition": "\(condition)", "held": \(quoted(held)),
       "container": null, "host": null, "rule": null, "utilisation": \(utilisation), "limit": "quota",
       "cpu_cores": 0.123, "cost_per_request": 0.0041, "requests_per_second": 23.4,
       "failures_per_second": 0, "in_flight": 2, "queued": 0, "response_seconds": 0.004,
       "maxconn_advised": 2, "maxconn_is_sure": true, "maxconn_advice": "enough", "share": 0.3,
       "sample_age_seconds": 1, "pause": null, "last_known_at": null,
       "weights": [{"balancer": "lb1", "standing": 100, "wanted": \(wanted),
                    "reason": \(quoted(reason)), "maxconn": null}]}
      """
  }

  private static func report(
    _ servers: [String], mode: String = "control", balancer: String? = nil, moreEvents: String = ""
  ) throws -> StatusReport {
    let failure = balancer.map { "\"\($0)\"" } ?? "null"
    let verdict = """
      {"level": "warning", "state": "starting", "words": "starting", "since": null, "reason": null,
       "sentence": "starting", "meanwhile": null, "commands": [], "findings": []}
      """
    let text = """
      {"version": 1, "evenkeel": "0.1.0", "now": "2026-11-28T12:00:10.000Z",
       "started_at": "2026-11-28T11:00:00.000Z", "config_file": "/etc/evenkeel/config.json",
       "interval_seconds": 10, "tick": 54, "tick_at": "2026-11-28T12:00:08.000Z",
       "tick_seconds": 0.1, "ready": true, "loop_ok": true, "reload_refused": null,
       "endpoints": [{"name": "http://web1:8080", "host": "web1", "up": true, "failure": null,
         "containers": 3, "answered_at": "2026-11-28T12:00:08.000Z", "failures": 0}],
       "balancers": [{"name": "lb1", "is_peer": false, "up": \(balancer == nil), "failure": \(failure),
         "answered_at": "2026-11-28T12:00:08.000Z", "failures": 0}],
       "backends": [{"name": "shop", "mode": "\(mode)",
         "condition": "\(balancer == nil ? "steering" : "no balancer that has it could be read")",
         "holding": \(balancer == nil ? "null" : "\"unreadable\""),
         "is_steering": \(balancer == nil), "is_falling_back": false, "demand_per_second": 120.4,
         "mean_utilisation": 0.42, "spread": 1.68, "level_aimed_at": 0.4,
         "levelling": null,
         "uneven_since": "2026-11-28T11:50:00.000Z", "pause": null, "verdict": \(verdict),
         "last_known_at": \(balancer == nil ? "null" : "\"2026-11-28T11:54:00.000Z\""),
         "worst_servers": ["s3"], "servers": [\(servers.joined(separator: ","))], "changes": []}],
       "weight_changes": 7, "pause": null,
       "events": [{"at": "2026-11-28T11:54:00.000Z", "kind": "balancer_lost", "level": "warning",
         "backend": null, "server": null, "text": "lb1: gone\(moreEvents)"}],
       "verdict": \(verdict)}
      """
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(StatusReport.self, from: Data(text.utf8)).judged()
  }

  private static let fault =
    "no container fits; check `pattern`, `server`, `label`, `match` of this backend"

  private static var faulty: StatusReport {
    get throws {
      try report([
        server("shop-server-1", utilisation: "0.97"),
        server("shop-server-2", utilisation: "0.31", wanted: 120, reason: "0.31 of its quota"),
        server(
          "shop-server-3", utilisation: "null", held: "no_container", condition: fault),
      ])
    }
  }

  private static func lines(
    _ report: StatusReport, width: Int, unicode: Bool = true, order: ServerOrder = .worst
  ) -> [String] {
    StatusText(style: TextStyle(width: width, hasUnicode: unicode), order: order)
      .lines(for: report)
  }

  @Test(arguments: [40, 60, 80, 100, 160])
  func `no line is wider than the window, and a reason is told to its end`(width: Int) throws {
    let lines = Self.lines(try Self.faulty, width: width)
    #expect(lines.allSatisfy { $0.count <= width }, "\(lines.map(\.count))")
    let rows = lines.drop { !$0.hasPrefix("SERVER") }
    let words = rows.joined(separator: " ").split(separator: " ").joined(separator: " ")
    #expect(words.contains(Self.fault), "\(words)")
  }

  @Test func `the verdict stands first, then what else is wrong and what to type`() throws {
    let lines = Self.lines(try Self.faulty, width: 200)
    #expect(lines[0].hasPrefix("WARNING: shop NOT balanced: spread 1.68, fullest shop-server-1"))
    #expect(lines[1].contains("shop/shop-server-3: no container fits"))
    #expect(lines.contains { $0.hasPrefix("to type:   evenkeel explain shop ") })
    let title = try #require(lines.first { $0.hasPrefix("shop: ") })
    #expect(title.contains("spread 1.68, mean utilisation 0.42, 120.4 requests/s (control)"))
  }

  @Test func `the limit in force stands beside the one that is advised, where there is room`()
    throws
  {
    let wide = Self.lines(try Self.faulty, width: 200)
    let head = try #require(wide.first { $0.hasPrefix("SERVER") })
    #expect(head.contains("WEIGHT     MAXCONN"))
    #expect(wide.contains { $0.hasPrefix("shop-server-1") && $0.hasSuffix("100        – (2)") })
    let narrow = Self.lines(try Self.faulty, width: 80)
    #expect(!narrow.contains { $0.contains("MAXCONN") })
  }

  @Test func `the worst server is the first, unless another order is asked for`() throws {
    func names(_ order: ServerOrder) throws -> [String] {
      Self.lines(try Self.faulty, width: 200, order: order)
        .filter { $0.hasPrefix("shop-server-") }.map { String($0.prefix(13).suffix(1)) }
    }
    #expect(try names(.worst) == ["3", "1", "2"])
    #expect(try names(.haproxy) == ["1", "2", "3"])
    #expect(try names(.utilisation) == ["1", "2", "3"])
  }

  @Test func `with HAProxy gone the last rows stay, with their time`() throws {
    let report = try Self.report(
      [Self.server("s1", utilisation: "0.5")], balancer: "lb1: connection refused")
    let lines = Self.lines(report, width: 100)
    #expect(lines[0].hasPrefix("CRITICAL: shop NOT steering"))
    #expect(lines[0].hasSuffix("lb1: connection refused"))
    #expect(lines.contains { $0.contains("the servers as they were at ") && $0.contains("6 min") })
    #expect(lines.contains { $0.hasPrefix("s1 ") && $0.contains("0.50") })
    #expect(lines.contains { $0.contains("systemctl status haproxy") })
  }

  @Test func `a locale without UTF-8 gets nothing beyond ASCII`() throws {
    let lines = Self.lines(try Self.faulty, width: 80, unicode: false)
    #expect(lines.allSatisfy { $0.allSatisfy(\.isASCII) })
    #expect(lines.contains { $0.contains("100 -> 120") })
  }

  @Test func `nothing that came from outside moves the cursor or makes a line of its own`() throws {
    let report = try Self.report(
      [
        Self.server(
          "s1", utilisation: "0.5", held: "no_container",
          condition: #"a\u001b]0;PWNED\u0007\u001b[2J\nshop\/s9: EVERYTHING IS FINE\u202e"#)
      ], moreEvents: #"\u001b[31m\nFAKE"#)
    for width in [60, 200] {
      let lines = Self.lines(report, width: width)
      for line in lines {
        #expect(
          line.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control && !$0.properties.isBidiControl
          }, "\(line)")
      }
      #expect(!lines.contains { $0.hasPrefix("shop/s9") || $0.hasPrefix("FAKE") })
    }
  }
}

@Suite struct WrappingTests {
  @Test(arguments: [
    ("one two three", 7, ["one two", "three"]), ("one", 7, ["one"]),
    ("onetwothree four", 5, ["onetw", "othre", "e", "four"]), ("", 5, [""]),
  ])
  func `words go into lines, and a long one is cut`(text: String, room: Int, lines: [String]) {
    #expect(text.wrapped(to: room) == lines)
  }
}
