public import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOSSL

/// How an `HTTPClient` has to be set up to poll cAdvisors.
///
/// One client serves any number of endpoints; only those with a CA file of their own need
/// another. It is the caller's to shut down.
public enum CAdvisorHTTP {
  /// Settings for polling: HTTP/1 only, no redirects, failures told at once instead of retried.
  ///
  /// - Parameter caFile: A PEM file with the certificates to trust *instead of* the system's.
  public static func configuration(
    caFile: String? = nil
  ) throws(CAFileError) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.httpVersion = .http1Only
    // A followed POST would lose its body, and with it the bound on what comes back.
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(connect: .seconds(2), read: .seconds(10))
    // cAdvisor compresses only /metrics, which is not asked for.
    configuration.decompression = .disabled
    configuration.connectionPool = .init(
      idleTimeout: .seconds(60), concurrentHTTP1ConnectionsPerHostSoftLimit: 2)
    // Else a refused connection is tried again until the time is out.
    configuration.connectionPool.retryConnectionEstablishment = false
    if let caFile {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .certificates(try certificates(inFile: caFile))
      configuration.tlsConfiguration = tls
    }
    return configuration
  }

  private static func certificates(
    inFile path: String
  ) throws(CAFileError) -> [NIOSSLCertificate] {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw CAFileError(problem: .notReadable, path: path)
    }
    guard !bytes.isEmpty, let found = try? NIOSSLCertificate.fromPEMBytes(Array(bytes)) else {
      throw CAFileError(problem: .noCertificate, path: path)
    }
    return found
  }
}
