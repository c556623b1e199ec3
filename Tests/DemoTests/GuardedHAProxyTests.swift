import FoundationEssentials
import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Demo

/// HAProxy and its guardian as real processes.
struct GuardedHAProxyTests {
  private struct Enough: Error {}

  private func haproxy(
    in folder: TestFolder, port: Int, program: String? = nil
  ) throws -> GuardedHAProxy {
    GuardedHAProxy(
      parentFolder: folder.path,
      program: try program ?? HAProxyProgram.find(nil, environment: [:]),
      configuration: HAProxyConfiguration(services: [
        .init(
          name: "shop", balance: "roundrobin", port: port,
          servers: [("shop-1", 9), ("shop-2", 9)])
      ]))
  }

  private func anyFreePort() async throws -> Int {
    try await freePort(group: MultiThreadedEventLoopGroup.singleton)
  }

  /// Its process id, once it answers.
  private func running(at folder: String) async throws -> Int32 {
    let socketPath = "\(folder)/\(HAProxyConfiguration.socketName)"
    var process: Int32?
    _ = try await eventually {
      process = try? await haproxyProcess(at: socketPath)
      return process != nil
    }
    return try #require(process)
  }

  @Test(arguments: ["plain", "with a space and 'quotes\" $HOME;"])
  func `HAProxy runs in a private folder while the operation does, and is gone after it`(
    name: String
  ) async throws {
    let parent = try TestFolder(named: name)
    defer { parent.remove() }
    let process = try await haproxy(in: parent, port: anyFreePort()).run { folder in
      let attributes = try FileManager.default.attributesOfItem(atPath: folder)
      #expect(attributes[.posixPermissions] as? Int == 0o700)
      let process = try await running(at: folder)
      let weights = try await weightsInHAProxy(
        at: "\(folder)/\(HAProxyConfiguration.socketName)")
      #expect(weights == ["shop-1": 100, "shop-2": 100])
      return process
    }
    #expect(!isRunning(process))
    #expect(try parent.contents == [])
  }

  @Test func `an error of the operation is passed on, and nothing stays`() async throws {
    let parent = try TestFolder()
    defer { parent.remove() }
    await #expect(throws: Enough.self) {
      try await haproxy(in: parent, port: anyFreePort()).run { _ in throw Enough() }
    }
    #expect(try parent.contents == [])
  }

  @Test func `a cancelled operation leaves nothing`() async throws {
    let parent = try TestFolder()
    defer { parent.remove() }
    let port = try await anyFreePort()
    await withTaskGroup(of: Void.self) { group in
      let (started, continuation) = AsyncStream.makeStream(of: Void.self)
      group.addTask {
        try? await haproxy(in: parent, port: port).run { folder in
          _ = try await running(at: folder)
          continuation.finish()
          try await ContinuousClock().sleep(for: .seconds(3600))
        }
      }
      for await _ in started {}
      group.cancelAll()
    }
    #expect(try parent.contents == [])
  }

  @Test func `a HAProxy that cannot start is an error with its own words`() async throws {
    let parent = try TestFolder()
    defer { parent.remove() }
    let error = await #expect(throws: DemoError.self) {
      try await haproxy(in: parent, port: 99_999).run { _ in
        try await ContinuousClock().sleep(for: .seconds(3600))
      }
    }
    #expect(error?.description.contains("99999") == true, "\(String(describing: error))")
    #expect(error?.isPortTaken == false)
    #expect(try parent.contents == [])
  }

  @Test func `a port that somebody else has is told from other mistakes`() async throws {
    let parent = try TestFolder()
    defer { parent.remove() }
    let squatter = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let error = await #expect(throws: DemoError.self) {
      try await haproxy(in: parent, port: squatter.localAddress?.port ?? 0).run { _ in
        try await ContinuousClock().sleep(for: .seconds(3600))
      }
    }
    try await squatter.close()
    #expect(error?.isPortTaken == true, "\(String(describing: error))")
  }

  @Test func `a HAProxy that is killed ends the operation`() async throws {
    let parent = try TestFolder()
    defer { parent.remove() }
    await #expect(throws: DemoError.self) {
      try await haproxy(in: parent, port: anyFreePort()).run { folder in
        kill(try await running(at: folder), SIGKILL)
        try await ContinuousClock().sleep(for: .seconds(3600))
      }
    }
    #expect(try parent.contents == [])
  }

  @Test func `a guardian that is killed takes HAProxy and the folder with it`() async throws {
    let parentFolder = try TestFolder()
    defer { parentFolder.remove() }
    let (processes, continuation) = AsyncStream.makeStream(of: Int32.self)
    await #expect(throws: DemoError.self) {
      try await haproxy(in: parentFolder, port: anyFreePort()).run { folder in
        let process = try await running(at: folder)
        continuation.yield(process)
        kill(try #require(try parent(of: process)), SIGKILL)
        try await ContinuousClock().sleep(for: .seconds(3600))
      }
    }
    var iterator = processes.makeAsyncIterator()
    let process = try #require(await iterator.next())
    #expect(try await eventually { !isRunning(process) })
    #expect(try parentFolder.contents == [])
  }

  @Test func `a guardian that hangs is killed with HAProxy, and its folder removed`() async throws {
    let parentFolder = try TestFolder()
    defer { parentFolder.remove() }
    let process = try await haproxy(in: parentFolder, port: anyFreePort()).run { folder in
      let process = try await running(at: folder)
      kill(try #require(try parent(of: process)), SIGSTOP)
      return process
    }
    #expect(try await eventually { !isRunning(process) })
    #expect(try parentFolder.contents == [])
  }

  @Test func `no folder can be made where there is none`() async throws {
    let parent = try TestFolder()
    parent.remove()
    let error = await #expect(throws: DemoError.self) {
      try await haproxy(in: parent, port: anyFreePort()).run { _ in }
    }
    guard case .noTemporaryFolder = error?.kind else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `HAProxy is searched for in PATH and where Debian has it`() throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let program = "\(folder.path)/haproxy"
    try Data().write(to: URL(filePath: program))
    #expect(throws: DemoError.self) { try HAProxyProgram.find(program, environment: [:]) }
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    #expect(
      try HAProxyProgram.find(nil, environment: ["PATH": "/nowhere:\(folder.path)"]) == program)
    #expect(try HAProxyProgram.find(program, environment: [:]) == program)
    #expect(throws: DemoError.self) { try HAProxyProgram.find(folder.path, environment: [:]) }
  }
}
