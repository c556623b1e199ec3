import FoundationEssentials
import Glibc
import HAProxy
import HAProxyTestSupport
import NIOCore
import NIOPosix
import Testing

/// Sockets that cannot be used.
@Suite struct ConnectingTests {
  private static func client(_ address: RuntimeAddress) -> RuntimeClient {
    RuntimeClient(address: address, group: MultiThreadedEventLoopGroup.singleton)
  }

  private static func failureKind(_ address: RuntimeAddress) async throws -> RuntimeError.Kind {
    try await failure { try await client(address).read(backends: []) }.kind
  }

  @Test func `a path without a socket is not found`() async throws {
    try await withTemporaryFolder { folder in
      let kind = try await Self.failureKind(.unix(path: "\(folder)/none.sock"))
      #expect(kind == .notFound)
    }
  }

  @Test func `a HAProxy that has ended refuses, although the file is still there`() async throws {
    try await RealHAProxy.run("backend web") { haproxy in
      haproxy.kill()
      try await eventually("the process is gone") {
        try await Self.failureKind(haproxy.address("admin.sock")) == .connectionRefused
      }
      #expect(FileManager.default.fileExists(atPath: haproxy.path("admin.sock")))
    }
  }

  @Test func `a port where nobody listens refuses`() async throws {
    let place = try await FreePort.reserve()
    let error = try await failure {
      try await Self.client(.tcp(host: place.host, port: place.port)).read(backends: [])
    }
    #expect(error.kind == .connectionRefused, "\(error)")
  }

  @Test(arguments: [-1, 0, 65_536, .max])
  func `a port that is none is an error`(port: Int) async throws {
    let client = Self.client(.tcp(host: "127.0.0.1", port: port))
    let error = try await failure { try await client.read(backends: []) }
    #expect(error.kind == .other)
    #expect(error.underlying.contains("1…65535"))
  }

  @Test func `a host that has no address is an error with the resolver's words`() async throws {
    let client = Self.client(.tcp(host: "no such host", port: 9999))
    let error = try await failure { try await client.read(backends: []) }
    #expect(error.kind == .nameNotResolved)
    #expect(!error.underlying.isEmpty)
  }

  @Test func `a path that is too long for a socket is an error that says so`() async throws {
    let path = "/" + String(repeating: "x", count: 200)
    let error = try await failure { try await Self.client(.unix(path: path)).read(backends: []) }
    #expect(error.underlying.contains("107"))
  }

  /// In a process of its own, which gives up root's right to open everything.
  @Test func `a socket that this user may not open is told from one without rights`() async {
    await #expect(processExitsWith: .success) {
      try await withTemporaryFolder { folder in
        let path = "\(folder)/closed.sock"
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .bind(unixDomainSocketPath: path).get()
        let isClosed = unsafe chmod(path, 0) == 0
        try #require(isClosed)
        if geteuid() == 0 { try #require(seteuid(65_534) == 0) }
        let error = try await failure {
          try await RuntimeClient(
            address: .unix(path: path), group: MultiThreadedEventLoopGroup.singleton
          ).read(backends: [])
        }
        #expect(error.kind == .permissionDenied)
        _ = seteuid(getuid())
        try await server.close()
      }
    }
  }

  /// In a process of its own, where no other test opens files meanwhile.
  @Test func `no descriptor stays open, however a call ends`() async {
    await #expect(processExitsWith: .success) {
      func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
      }
      try await ScriptedHAProxy.run({ line, connection in
        switch connection % 3 {
        case 0: .silence
        case 1: .sayAndClose("\n> ")
        default: .say("\n> ")
        }
      }) { socket in
        let client = RuntimeClient(
          address: .unix(path: socket.path), group: MultiThreadedEventLoopGroup.singleton)
        let before = try openDescriptors()
        for _ in 0..<30 {
          _ = try? await cancelling(after: .milliseconds(5)) { try await client.accessLevel() }
        }
        try await eventually("as few descriptors are open as before") {
          try openDescriptors() <= before
        }
      }
    }
  }
}
