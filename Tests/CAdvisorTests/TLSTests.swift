import AsyncHTTPClient
import CAdvisor
import FoundationEssentials
import NIOHTTP1
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

  @Test func `a certificate is shown to a server that asks for one`() async throws {
    let certificates = try TestCertificates()
    try await withClient(
      of: Self.machine, tls: certificates.serverContext(asksForCertificate: true),
      configuration: CAdvisorHTTP.configuration(
        caFile: certificates.caFile, clientCertificate: certificates.client),
      url: { "https://127.0.0.1:\($0)" }
    ) { client, server in
      _ = try await client.machine()
      #expect(server.log.requests.count == 1)
    }
  }

  @Test(arguments: [false, true])
  func `a certificate that is missing, or that the server does not trust, is told`(
    isForeign: Bool
  ) async throws {
    let certificates = try TestCertificates()
    let others = try TestCertificates()
    try await withClient(
      of: Self.machine, tls: certificates.serverContext(asksForCertificate: true),
      configuration: CAdvisorHTTP.configuration(
        caFile: certificates.caFile, clientCertificate: isForeign ? others.client : nil),
      url: { "https://127.0.0.1:\($0)" }
    ) { client, server in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.kind == .clientCertificateRefused, "\(error)")
      #expect(error.description.contains("client_certificate_file"))
      #expect(server.log.requests.isEmpty)
    }
  }

  @Test func `a server may have another name than its host`() async throws {
    let certificates = try TestCertificates(subjectAltName: "DNS:web2.example")
    let server = try await ScriptedServer.start(
      tls: certificates.serverContext(), script: Self.machine)
    for (name, kind) in [("web2.example", nil), ("web3.example", .foreignCertificate)]
      as [(String, CAdvisorError.Kind?)]
    {
      let endpoint = try CAdvisorEndpoint(
        url: "https://127.0.0.1:\(server.port)", serverName: name)
      let http = HTTPClient(
        configuration: try CAdvisorHTTP.configuration(caFile: certificates.caFile, for: endpoint))
      let client = CAdvisorClient(endpoint: endpoint, http: http)
      do {
        _ = try await client.machine()
        #expect(kind == nil)
      } catch {
        #expect(error.kind == kind, "\(error)")
        #expect(error.description.hasPrefix(endpoint.url))
        #expect(error.description.contains("is not for web3.example"))
      }
      try await http.shutdown()
    }
    #expect(server.log.requests.map { $0.headers["host"] } == [["web2.example:\(server.port)"]])
    try await server.stop()
  }

  @Test func `files for a client's certificate that are of no use are an error before any request`()
    throws
  {
    let certificates = try TestCertificates()
    let others = try TestCertificates()
    let (good, other) = (certificates.client, others.client)
    let cases: [(ClientCertificate, TLSFileError.Role, TLSFileError.Problem)] = [
      (.init(certificateFile: "/absent", keyFile: good.keyFile), .certificate, .notReadable),
      (.init(certificateFile: good.keyFile, keyFile: good.keyFile), .certificate, .unusable),
      (.init(certificateFile: good.certificateFile, keyFile: "/absent"), .key, .notReadable),
      (
        .init(certificateFile: good.certificateFile, keyFile: good.certificateFile), .key, .unusable
      ),
      (
        .init(certificateFile: good.certificateFile, keyFile: other.keyFile), .key,
        .notOfCertificate
      ),
    ]
    for (certificate, role, problem) in cases {
      let error = #expect(throws: TLSFileError.self) {
        try CAdvisorHTTP.configuration(clientCertificate: certificate)
      }
      #expect(error?.role == role && error?.problem == problem, "\(certificate)")
      #expect(error?.description.contains("BEGIN EC") == false)
    }
  }

  @Test(arguments: [TLSVersion.tlsv1, .tlsv11])
  func `a server that speaks nothing later than TLS 1.1 is sent no request and no password`(
    latest: TLSVersion
  ) async throws {
    let certificates = try TestCertificates()
    try await withClient(
      of: Self.machine, tls: certificates.serverContext(latest: latest),
      configuration: CAdvisorHTTP.configuration(caFile: certificates.caFile),
      url: { "https://127.0.0.1:\($0)" }
    ) { client, server in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.kind == .tls, "\(error)")
      #expect(error.detail == "it speaks no TLS 1.2 or later")
      #expect(server.log.requests.isEmpty)
    }
  }

  @Test(arguments: [TLSVersion.tlsv12, .tlsv13])
  func `TLS 1.2 and 1.3 are spoken`(latest: TLSVersion) async throws {
    let certificates = try TestCertificates()
    try await withClient(
      of: Self.machine, tls: certificates.serverContext(latest: latest),
      configuration: CAdvisorHTTP.configuration(caFile: certificates.caFile),
      url: { "https://127.0.0.1:\($0)" }
    ) { client, server in
      _ = try await client.machine()
      #expect(server.log.requests.count == 1)
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

    let cases: [(path: String, problem: TLSFileError.Problem)] = [
      (absent, .notReadable), (folder.path, .notReadable), (empty.path, .unusable),
      (other.path, .unusable),
    ]
    for (path, problem) in cases {
      let error = #expect(throws: TLSFileError.self) {
        try CAdvisorHTTP.configuration(caFile: path)
      }
      #expect(error?.problem == problem)
      #expect(error?.description.hasPrefix("\(path): the CA file ") == true)
    }
  }
}
