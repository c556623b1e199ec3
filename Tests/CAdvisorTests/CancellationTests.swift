import CAdvisor
import Testing

/// The deadline is the caller's: whatever the server does, a cancelled question ends.
@Suite(.timeLimit(.minutes(1)))
struct CancellationTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var behaviour: Behaviour
    /// When to give up.
    var isReached: @Sendable (ScriptedServer.Log) -> Bool
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "no answer", behaviour: .silence) { !$0.requests.isEmpty },
    Case(
      name: "a head without body",
      behaviour: .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", closes: false)
    ) { !$0.requests.isEmpty },
    Case(name: "a drip", behaviour: .drip) { $0.dripped > 20 },
    Case(
      name: "an error whose body never ends",
      behaviour: .raw("HTTP/1.1 500 E\r\nContent-Length: 9\r\n\r\nx", closes: false)
    ) { !$0.requests.isEmpty },
  ]

  @Test(arguments: cases)
  func `a question that is given up ends at once and closes its connection`(_ case: Case)
    async throws
  {
    let behaviour = `case`.behaviour
    try await withClient(of: { _ in behaviour }) { client, server in
      let question = Task { try await client.machine() }
      await server.wait(until: `case`.isReached)
      question.cancel()
      let error = try await #require(throws: CAdvisorError.self) { try await question.value }
      #expect(error.kind == .cancelled)
      #expect(error.description.contains("given up"))
      await server.wait { $0.openConnections == 0 }
    }
  }

  @Test func `a question of a task that is cancelled already is not asked`() async throws {
    try await withClient(of: { _ in .silence }) { client, server in
      let question = Task {
        unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
        return try await client.machine()
      }
      let error = try await #require(throws: CAdvisorError.self) { try await question.value }
      #expect(error.kind == .cancelled)
      #expect(server.log.connections == 0)
    }
  }

  @Test func `a reading that is given up ends all its questions`() async throws {
    try await withClient(of: { _ in .silence }) { client, server in
      let reader = CAdvisorReader(client: client)
      let reading = Task { try await reader.read(maxAge: .seconds(1)) }
      await server.wait { $0.requests.count == 1 }
      reading.cancel()
      let error = try await #require(throws: CAdvisorError.self) { try await reading.value }
      #expect(error.kind == .cancelled)
      await server.wait { $0.openConnections == 0 }
    }
  }

  @Test func `a reading that is given up does not fall back on what it knew`() async throws {
    let script = try RoutedScript.captured()
    try await withClient(of: script.behaviour) { client, server in
      let clock = TestClock()
      let reader = CAdvisorReader(client: client, clock: clock)
      _ = try await reader.read(maxAge: .seconds(1))
      clock.advance(by: .seconds(30))
      script.set(RoutedScript.specs, .silence)
      let reading = Task { try await reader.read(maxAge: .seconds(1)) }
      await server.wait { $0.requests.count { $0.route == RoutedScript.specs } == 2 }
      reading.cancel()
      let error = try await #require(throws: CAdvisorError.self) { try await reading.value }
      #expect(error.kind == .cancelled)
    }
  }
}
