import Balancing
import Control
import HAProxyTestSupport
import Testing

extension FailurePolicy {
  /// A server that fails, and requests that HAProxy tries again for it.
  @Suite struct RetryTests {
    /// How a server fails, and what makes it.
    enum Failure: CaseIterable, Sendable {
      case refuses, closesAtOnce, answers503, hasNoSocket

      fileprivate func begin(on haproxy: RealHAProxy) async throws {
        switch self {
        case .refuses: try await haproxy.shutDown("failing")
        case .closesAtOnce: try await haproxy.command("set server moods/closing state maint")
        case .answers503: try await haproxy.command("set server moods/busy state maint")
        case .hasNoSocket: try haproxy.remove("failing.sock")
        }
      }
    }

    static let options = [
      "retries 3\n  option redispatch",
      "retries 3\n  option redispatch 1\n  retry-on conn-failure empty-response 503",
      "balance leastconn\n  retries 3\n  option redispatch\n  retry-on all-retryable-errors",
      "retries 3\n  retry-on all-retryable-errors",
    ]

    private static let visits = 60

    /// Three servers, of which `c` fails when one of the moods is down.
    private static func sections(_ options: String, mode: String) -> String {
      """
      frontend entrance
        mode \(mode)
        bind unix@entrance.sock
        default_backend web
      frontend application
        bind unix@app.sock
        http-request return status 200
      frontend failing
        bind unix@failing.sock
        tcp-request connection reject if { srv_is_up(moods/closing) -m bool false }
        http-request return status 503 if { srv_is_up(moods/busy) -m bool false }
        http-request return status 200
      backend moods
        server closing unix@app.sock
        server busy unix@app.sock
      backend web
        mode \(mode)
        timeout connect 10ms
        \(options)
        server a unix@app.sock weight 100
        server b unix@app.sock weight 100
        server c unix@failing.sock weight 100
      """
    }

    @Test(arguments: Failure.allCases, options)
    func `demand is what clients send, and the failing server alone gets less`(
      failure: Failure, options: String
    ) async throws {
      try await Self.fail(failure, options)
    }

    @Test(arguments: [Failure.refuses, .hasNoSocket], ["option redispatch", "retries 3"])
    func `the same holds for connections that HAProxy does not look into`(
      failure: Failure, options: String
    ) async throws {
      try await Self.fail(failure, options, mode: "tcp")
    }

    private static func fail(
      _ failure: Failure, _ options: String, mode: String = "http"
    ) async throws {
      try await RealHAProxy.run(sections(options, mode: mode)) { haproxy in
        try await Stage.run(
          haproxy, backends: #"[{"name": "web"}]"#, machines: [["a", "b", "c"]]
        ) { stage in
          func tick() async throws -> TickReport {
            // A client whose connection is cut off has come all the same.
            for _ in 0..<visits { try? await haproxy.visit() }
            return try await stage.tick(["a": 0.3, "b": 0.3, "c": 0.3])
          }
          for _ in 0..<4 { _ = try await tick() }
          try await failure.begin(on: haproxy)
          var lowest = 256
          for number in 0..<5 {
            let report = try await tick()
            let demand = try #require(report.snapshot.backends.first?.demandPerSecond)
            #expect(abs(demand - Double(visits) / 10) < 0.01, "tick \(number)")
            #expect(report.status(of: "a")?.costPerRequest ?? 0 > 0)
            let weights = try await haproxy.weights(of: "web")
            lowest = min(lowest, weights["c"] ?? 0)
          }
          // It rises again in between: at its floor too few requests come to tell, and it is tried.
          #expect(lowest <= 25)
        }
      }
    }
  }
}
