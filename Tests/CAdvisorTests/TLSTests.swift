import AsyncHTTPClient
import CAdvisor
import FoundationEssentials
import NIOSSL
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TLSTests {
  private static let machine: ScriptedServer.Script = { _ in .json(#"{"num_cores":2}"#) }

  @Test func `a server is trusted by the CA file that signed it`() async throws {
    let certificates = try TestCertificates()
    try await withClient(
      of: Self.machine, tls: certificates.serverContext(),
      configuration: CAdvisorHTTP.configuration(caFile: certificates.caFile),
      url: { "https://127.0.0.1:\($0)" }
    ) { client, server in
      for _ in 0..<3 { _ = try await client.machine() }
      #expect(server.log.connections == 1)
    }
  }

  @Test(arguments: [false, true])
  func `a CA that did not sign the server is refused`(_ systemRoots: Bool) async throws {
    let certificates = try TestCertificates()
    let others = try TestCertificates()
    try await withClient(
      of: Self.machine, tls: certificates.serverContext(),
      configuration: CAdvisorHTTP.configuration(caFile: systemRoots ? nil : others.caFile),
      url: { "https://127.0.0.1:\($0)" }
    ) { client, server in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.kind == .untrustedCertificate, "\(error)")
      #expect(error.description.contains("ca_file"))
      #expect(server.log.requests.isEmpty)
    }
  }

  @Test func `a certificate of another host is refused`() async throws {
    let certificates = try TestCertificates(subjectAltName: "DNS:web2.example")
    try await withClient(
      of: Self.machine, tls: certificates.serverContext(),
      configuration: CAdvisorHTTP.configuration(caFile: certificates.caFile),
      url: { "https://127.0.0.1:\($0)" }
    ) { client, _ in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.kind == .foreignCertificate, "\(error)")
      #expect(error.description.contains("is not for 127.0.0.1"))
    }
  }

  @Test func `a certificate that has expired is told from one that is not trusted`() async throws {
    let certificates = try TestCertificates(days: -1)
    try await withClient(
      of: Self.machine, tls: certificates.serverContext(),
      configuration: CAdvisorHTTP.configuration(caFile: certificates.caFile),
      url: { "https://127.0.0.1:\($0)" }
    ) { client, server in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.kind == .expiredCertificate, "\(error)")
      #expect(error.detail.hasPrefix("since 20") && error.detail.hasSuffix("Z"), "\(error)")
      #expect(server.log.requests.isEmpty)
    }
  }

  @Test func `a port that does not speak TLS is told from one that is not trusted`() async throws {
    try await withClient(
      of: { _ in .json("{}") }, url: { "https://127.0.0.1:\($0)" }
    ) { client, _ in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.kind == .tls, "\(error)")
      #expect(error.detail == "WRONG_VERSION_NUMBER: the port does not speak TLS")
    }
  }

  @Test func `a CA file that is absent or holds no certificate is an error before any request`()
    throws
  {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "cadvisor-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let absent = folder.appending(path: "absent.pem").path
    let empty = folder.appending(path: "empty.pem")
    let other = folder.appending(path: "other.pem")
    try Data().write(to: empty)
    try Data("no certificate\n".utf8).write(to: other)

    let cases: [(path: String, problem: CAFileError.Problem)] = [
      (absent, .notReadable), (folder.path, .notReadable), (empty.path, .noCertificate),
      (other.path, .noCertificate),
    ]
    for (path, problem) in cases {
      let error = #expect(throws: CAFileError.self) {
        try CAdvisorHTTP.configuration(caFile: path)
      }
      #expect(error?.problem == problem)
      #expect(error?.description.hasPrefix("\(path): the CA file ") == true)
    }
  }
}
