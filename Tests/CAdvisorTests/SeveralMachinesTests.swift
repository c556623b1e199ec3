import CAdvisor
import NIOCore
import Synchronization
import Testing

/// One URL behind which it is now this machine that answers, now that.
@Suite(.timeLimit(.minutes(1)))
struct SeveralMachinesTests {
  private static let sample = #"{"timestamp":"2026-11-24T21:03:15Z","cpu":{"usage":{"total":7}}}"#

  /// What the machine of a number answers; each has one container and cores of its own.
  private static func answer(_ machine: Int, to request: ReceivedRequest) -> Behaviour {
    let id = "/docker/node\(machine)"
    return switch request.route {
    case RoutedScript.containers:
      .json(#"{"\#(id)":{"spec":{"aliases":["shop"]},"stats":[\#(sample)]}}"#)
    case RoutedScript.host: .json("[\(sample)]")
    case RoutedScript.specs: .json(#"{"\#(id)":{"spec":{"cpu":{}}}}"#)
    case RoutedScript.cgroups: .json("[]")
    default: .json(#"{"num_cores":\#(machine + 4),"boot_id":"boot-\#(machine)"}"#)
    }
  }

  private static func run(
    _ machine: @escaping @Sendable (ReceivedRequest) -> Int,
    _ body: (CAdvisorReader, TestClock, ScriptedServer) async throws -> Void
  ) async throws {
    try await withClient(of: { answer(machine($0), to: $0) }) { client, server in
      let clock = TestClock()
      try await body(CAdvisorReader(client: client, clock: clock), clock, server)
    }
  }

  @Test(arguments: [2, 3])
  func `a mesh that leads each connection elsewhere is found at the first reading`(nodes: Int)
    async throws
  {
    try await Self.run({ $0.connection % nodes }) { reader, clock, _ in
      for _ in 0..<10 {
        let error = try await #require(throws: CAdvisorError.self) {
          try await reader.read(maxAge: .seconds(1))
        }
        #expect(error.kind == .severalMachines)
        #expect(error.description.contains("answers for several machines (boot_id boot-"))
        #expect(error.description.contains("give each machine a URL of its own"))
        clock.advance(by: .seconds(10))
      }
    }
  }

  @Test func `all of a reading is asked over one connection`() async throws {
    try await Self.run({ _ in 0 }) { reader, _, server in
      _ = try await reader.read(maxAge: .seconds(1))
      let first = server.log.requests.filter { $0.connection == 0 }.map(\.route)
      #expect(
        first == [
          RoutedScript.containers, RoutedScript.host, RoutedScript.specs, RoutedScript.cgroups,
          RoutedScript.machine,
        ])
    }
  }

  @Test func `a mesh that shows only when a connection ends never mixes two machines`()
    async throws
  {
    // Whoever is asked at the beginning of a connection stays, and another takes the next one.
    let node = Mutex(0)
    try await Self.run({ _ in node.withLock { $0 } }) { reader, clock, _ in
      let reading = try await reader.read(maxAge: .seconds(1))
      #expect(reading.cores == 4)
      var failures = 0
      for index in 1...6 {
        node.withLock { $0 = index % 2 }
        clock.advance(by: .seconds(10))
        do {
          let reading = try await reader.read(maxAge: .seconds(1))
          #expect(reading.containers.map(\.id) == ["/docker/node\(index % 2)"])
          #expect(reading.cores == index % 2 + 4)
        } catch {
          #expect((error as? CAdvisorError)?.kind == .severalMachines)
          failures += 1
        }
      }
      #expect(failures == 5, "the first change may be a boot")
    }
  }

  @Test func `a boot is none of several machines, and brings its own cores and limits`()
    async throws
  {
    let node = Mutex(0)
    try await Self.run({ _ in node.withLock { $0 } }) { reader, clock, _ in
      #expect(try await reader.read(maxAge: .seconds(1)).cores == 4)
      node.withLock { $0 = 1 }
      for _ in 0..<5 {
        clock.advance(by: .seconds(100))
        let reading = try await reader.read(maxAge: .seconds(1))
        #expect(reading.cores == 5 && reading.containers.map(\.id) == ["/docker/node1"])
        #expect(reading.flaws.isEmpty)
      }
    }
  }
}
