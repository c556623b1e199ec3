import AsyncHTTPClient
import Balancing
import CAdvisor
import Control
import HAProxyTestSupport
import NIOCore
import NIOPosix
import Names
import Testing

@testable import EvenkeelDaemon

/// Docker's API over a real UNIX socket.
@Suite struct DockerSourceTests {
  private func read(_ engine: ScriptedEngine, patience: Duration = .seconds(2)) async throws
    -> HostReading
  {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let socket = "\(folder.path)/docker.sock"
    let listener = try await engine.listen(at: socket)
    let endpoint = CAdvisorEndpoint(socket: socket)
    var configuration = try CAdvisorHTTP.configuration(for: endpoint)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
      DockerSource.mostAtOnce
    let http = HTTPClient(
      eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton),
      configuration: configuration)
    let source = DockerSource(
      name: "docker", host: "web1",
      client: PageClient(endpoint: endpoint, http: http, replyLimit: 1 << 20), labels: [],
      addresses: EndpointAddresses(
        host: "web1", isWanted: false, resolver: NameResolver(), patience: .seconds(1)),
      readsKernel: true, patience: patience)
    let reading: Result<HostReading, any Error>
    do {
      reading = .success(try await source.read())
    } catch {
      reading = .failure(error)
    }
    try await http.shutdown()
    try await listener.close()
    return try reading.get()
  }

  @Test func `more containers than are asked for at once are all read`() async throws {
    let count = DockerSource.mostAtOnce * 2 + 3
    let reading = try await read(ScriptedEngine(containers: count), patience: .seconds(30))
    #expect(reading.containers.count == count)
    #expect(reading.containers.allSatisfy { $0.sample?.cpuNanoseconds == 7_000_000 })
    #expect(reading.containers.allSatisfy { $0.quotaCores == 0.5 })
    #expect(reading.malformed.isEmpty)
  }

  @Test(arguments: [
    (ScriptedEngine.Flaw.hangs, "no answer within 2.0 s"), (.fails, "status 500"),
    (.babbles, "the reply is not"),
  ])
  func `a broken container does not take its host's reading`(
    flaw: ScriptedEngine.Flaw, words: String
  ) async throws {
    let reading = try await read(ScriptedEngine(containers: 5, flaws: [3: flaw]))
    #expect(reading.containers.map(\.aliases.first) == ["api-1", "api-2", "api-4", "api-5"])
    #expect(reading.malformed["api-3"]?.contains(words) == true, "\(reading.malformed)")
  }

  @Test func `a container that ended meanwhile is not there, and no flaw`() async throws {
    let reading = try await read(ScriptedEngine(containers: 3, flaws: [1: .ended]))
    #expect(reading.containers.count == 2)
    #expect(reading.malformed.isEmpty)
  }

  @Test func `where no container can be read the host is not`() async throws {
    let flaws = Dictionary(uniqueKeysWithValues: (1...3).map { ($0, ScriptedEngine.Flaw.hangs) })
    let failure = await #expect(throws: PortFailure.self) {
      _ = try await read(ScriptedEngine(containers: 3, flaws: flaws))
    }
    #expect(failure?.kind == .timedOut)
  }
}
