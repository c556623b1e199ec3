import CAdvisor
import FoundationEssentials
import Glibc
import NIOSSL

/// A certificate authority and a server's certificate for 127.0.0.1, made anew in a folder.
struct TestCertificates: ~Copyable {
  private let folder: URL

  struct OpenSSLFailed: Error {}

  /// - Parameter days: until the server's expires; -1 for one that has expired.
  init(subjectAltName: String = "IP:127.0.0.1", days: Int = 2) throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "cadvisor-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    let commands = """
      set -e; cd '\(folder.path)'; exec >/dev/null 2>&1
      openssl req -x509 \(newKey) -keyout ca.key -out ca.pem -days 2 -subj '/CN=test CA'
      openssl req \(newKey) -keyout server.key -out server.csr -subj '/CN=test server'
      echo 'subjectAltName=\(subjectAltName)' > san
      openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days \(days) \
        -extfile san -out server.pem
      openssl req \(newKey) -keyout client.key -out client.csr -subj '/CN=test client'
      openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
        -out client.pem
      """
    guard unsafe system(commands) == 0 else { throw OpenSSLFailed() }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var caFile: String { folder.appending(path: "ca.pem").path }

  /// A client's certificate, signed by the same authority.
  var client: ClientCertificate {
    ClientCertificate(
      certificateFile: folder.appending(path: "client.pem").path,
      keyFile: folder.appending(path: "client.key").path)
  }

  /// - Parameters:
  ///   - asksForCertificate: whether only clients with one of the authority's are served.
  ///   - latest: the latest version of TLS that it speaks.
  func serverContext(
    asksForCertificate: Bool = false, latest: TLSVersion? = nil
  ) throws -> NIOSSLContext {
    let chain = try NIOSSLCertificate.fromPEMFile(folder.appending(path: "server.pem").path)
    let key = try NIOSSLPrivateKey(
      file: folder.appending(path: "server.key").path, format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv1
    configuration.maximumTLSVersion = latest
    if asksForCertificate {
      configuration.trustRoots = .file(caFile)
      configuration.certificateVerification = .noHostnameVerification
    }
    return try NIOSSLContext(configuration: configuration)
  }
}
