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
  private func read(
    _ engine: ScriptedEngine, patience: Duration = .seconds(2), readsKernel: Bool = true
  ) async throws -> HostReading {
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
      readsKernel: readsKernel, patience: patience, clock: SteadyClock())
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
    (.babbles, "the reply is not"), (.closes, "api"), (.refuses, "not allowed"),
  ])
  func `a broken container does not take its host's reading`(
    flaw: ScriptedEngine.Flaw, words: String
  ) async throws {
    let reading = try await read(ScriptedEngine(containers: 5, flaws: [3: flaw]))
    #expect(reading.containers.map(\.aliases.first) == (1...5).map { "api-\($0)" })
    for container in reading.containers where container.aliases.first != "api-3" {
      #expect(container.sample != nil && container.flaw == nil)
    }
    // It is there, so that nobody else is taken for it.
    let broken = try #require(reading.containers.first { $0.aliases.first == "api-3" })
    #expect(broken.sample == nil && broken.flaw?.hasPrefix("it cannot be read: ") == true)
    let told = try #require(reading.malformed["api-3"])
    #expect(told.contains(words) || flaw == .closes, "\(told)")
  }

  @Test func `an engine with more cores than this machine is on another one`() async throws {
    let reading = try await read(ScriptedEngine(containers: 2, cores: [1: 100_000, 2: 100_000]))
    #expect(reading.cores == 100_000 && reading.hostSample == nil)
    let note = reading.malformed["the host's CPU use"]
    #expect(note?.contains("leads to another machine") == true)
  }

  @Test(arguments: 0..<5)
  func `a container that may use few cores makes no small machine`(_: Int) async throws {
    let reading = try await read(
      ScriptedEngine(containers: 3, cores: [1: 1, 2: 8, 3: 4]), readsKernel: false)
    #expect(reading.cores == 8)
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
