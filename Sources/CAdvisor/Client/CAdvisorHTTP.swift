public import AsyncHTTPClient
import NIOCore
import NIOSSL

/// How an `HTTPClient` has to be set up to poll cAdvisors.
///
/// One client serves any number of endpoints, but no two at the same host and port: it has one
/// connection to each. Those with a CA file of their own need another. It is the caller's to shut
/// down.
public enum CAdvisorHTTP {
  /// Settings for polling: HTTP/1 only, no redirects, TLS 1.2 or later, failures told at once instead
  /// of retried.
  ///
  /// - Parameters:
  ///   - caFile: A PEM file with the certificates to trust *instead of* the system's.
  ///   - clientCertificate: What is shown to a server that asks for one.
  ///   - endpoint: The only one that the client is for; needed where its certificate has another
  ///     name than its host.
  public static func configuration(
    caFile: String? = nil, clientCertificate: ClientCertificate? = nil,
    for endpoint: CAdvisorEndpoint? = nil
  ) throws(TLSFileError) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.httpVersion = .http1Only
    // A followed POST would lose its body, and with it the bound on what comes back.
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(connect: .seconds(2), read: .seconds(10))
    // cAdvisor compresses only /metrics, which is not asked for.
    configuration.decompression = .disabled
    // Longer than any reading takes: of all timers the event loop finds those that end a request first.
    // All that a reading asks goes over one connection, hence to one machine, whatever may share
    // out connections on the way.
    configuration.connectionPool = .init(
      idleTimeout: .seconds(90), concurrentHTTP1ConnectionsPerHostSoftLimit: 1)
    // Nobody traces here, and what a span would be told is made for each request.
    configuration.tracing.tracer = nil
    configuration.http1_1ConnectionDebugInitializer = { channel in
      channel.setOption(.maxMessagesPerRead, value: 1).and(
        channel.setOption(.recvAllocator, value: PassingBuffers())
      ).map { _ in }
    }
    // Else a refused connection is tried again until the time is out.
    configuration.connectionPool.retryConnectionEstablishment = false
    var tls = TLSConfiguration.cautious
    if let caFile {
      tls.trustRoots = .certificates(try NIOSSLCertificate.read(caFile, as: .authority))
    }
    if let clientCertificate {
      let (chain, key) = try clientCertificate.load()
      tls.certificateChain = chain.map { .certificate($0) }
      tls.privateKey = .privateKey(key)
    }
    configuration.tlsConfiguration = tls
    // Over a socket of this machine such a connection never ends its first answer.
    if endpoint?.isSocket == true { configuration.http1_1ConnectionDebugInitializer = nil }
    if let endpoint, let serverName = endpoint.serverName {
      // Asked for by that name, which the certificate must have, and reached by its own.
      configuration.dnsOverride = [serverName: endpoint.host]
    }
    return configuration
  }

  /// The same settings for a client that reaches an endpoint at one of its name's addresses.
  static func configuration(
    _ configuration: HTTPClient.Configuration, for endpoint: CAdvisorEndpoint, at address: String
  ) -> HTTPClient.Configuration {
    var configuration = configuration
    configuration.dnsOverride = [endpoint.serverName ?? endpoint.host: address]
    return configuration
  }
}

extension TLSConfiguration {
  /// A client's, who may have a password to send: nothing before TLS 1.2 keeps it (RFC 8996).
  static var cautious: Self {
    var configuration = makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    return configuration
  }
}

/// Buffers that are read into once: a connection keeps but the first one until the next poll, which is small
/// (with TLS it is one of the handshake's), and of which there may be a thousand.
struct PassingBuffers: RecvByteBufferAllocator {
  private var capacity = 512

  func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
    allocator.buffer(capacity: capacity)
  }

  func nextBufferSize() -> Int? { nil }

  /// - Returns: that the next may be larger, by which none is used again.
  mutating func record(actualReadBytes _: Int) -> Bool {
    capacity = 32 << 10
    return true
  }
}
