import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Names

/// What an error of the layers below means for a request.
struct TransportFailure: Equatable {
  var kind: CAdvisorError.Kind
  var detail: String

  /// Whether the same host may do better at another of its addresses.
  var isOfTheAddress: Bool {
    switch kind {
    case .connectionRefused, .unreachable, .timedOut: true
    default: false
    }
  }

  private init(_ kind: CAdvisorError.Kind, _ detail: some StringProtocol) {
    self.kind = kind
    self.detail = Excerpt.of(String(detail))
  }

  init(_ error: any Error) {
    self =
      switch error {
      case is CancellationError: Self(.cancelled, "")
      case let error as NameFailure: Self(.nameNotResolved, "\(error.reason)")
      case let error as HTTPClientError: Self(client: error)
      case let error as NIOConnectionError: Self(connecting: error)
      case let error as IOError: Self(system: error)
      case let error as ChannelError: Self(channel: error)
      case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
        Self(.cutShort, "connection closed")
      case let error as HTTPParserError: Self(.malformed, "not HTTP: \(error)")
      case is NIOTooManyBytesError: Self(.tooLarge, "")
      case let error as NIOSSLError: Self(tls: error)
      case let error as NIOSSLExtraError where error == .failedToValidateHostname:
        Self(.foreignCertificate, "")
      case let error as BoringSSLError: Self(alert: error)
      case is NIOSSLExtraError: Self(.tls, "\(error)")
      default: Self(.unreachable, "\(error)")
      }
  }

  private init(client error: HTTPClientError) {
    self =
      switch error {
      case .cancelled: Self(.cancelled, "")
      case .connectTimeout, .getConnectionFromPoolTimeout: Self(.timedOut, "no connection")
      case .tlsHandshakeTimeout: Self(.timedOut, "TLS handshake not finished")
      case .readTimeout: Self(.timedOut, "silence on the connection")
      case .writeTimeout, .deadlineExceeded: Self(.timedOut, "no reply")
      case .remoteConnectionClosed: Self(.cutShort, "connection closed")
      default: Self(.unreachable, "\(error)")
      }
  }

  /// Of a host with several addresses the first refusal counts: somebody is there.
  private init(connecting error: NIOConnectionError) {
    let failures = error.connectionErrors.map { Self($0.error) }
    if let told = failures.first(where: { $0.kind == .connectionRefused }) ?? failures.first {
      self = told
    } else if let unknown = (error.dnsAError ?? error.dnsAAAAError) {
      let reason = (unknown as? SocketAddressError.UnknownHost)?.errorDescription
      self.init(.nameNotResolved, reason ?? "\(unknown)")
    } else {
      self.init(.unreachable, "\(error)")
    }
  }

  private init(system error: IOError) {
    self =
      switch error.errnoCode {
      case ECONNREFUSED: Self(.connectionRefused, "")
      case ETIMEDOUT: Self(.timedOut, "no connection")
      case ECONNRESET, EPIPE: Self(.cutShort, "connection reset")
      default: Self(.unreachable, error.description)
      }
  }

  private init(channel error: ChannelError) {
    self =
      switch error {
      case .connectTimeout: Self(.timedOut, "no connection")
      case .ioOnClosedChannel, .alreadyClosed, .inputClosed, .outputClosed, .eof:
        Self(.cutShort, "connection closed")
      default: Self(.unreachable, "\(error)")
      }
  }

  /// What a server says of a client's certificate: RFC 8446, section 6.2. Before TLS 1.3 a missing one
  /// is no more than a failed handshake.
  private static let clientAlerts = [
    "ALERT_CERTIFICATE_REQUIRED", "ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE",
    "ALERT_CERTIFICATE_EXPIRED", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_DECRYPT_ERROR", "ALERT_HANDSHAKE_FAILURE",
  ]

  /// BoringSSL's own words are a stack of its source lines; only the reason is for people.
  /// An alert that comes once the handshake is over, as TLS 1.3 has it.
  private init(alert error: BoringSSLError) {
    guard case .sslError(let stack) = error, let first = stack.first else {
      self.init(.tls, "\(error)")
      return
    }
    self.init(reason: first)
  }

  private init(tls error: NIOSSLError) {
    guard case .handshakeFailed(.sslError(let stack)) = error, let first = stack.first else {
      self.init(error == .uncleanShutdown ? .cutShort : .tls, "\(error)")
      return
    }
    self.init(reason: first)
  }

  private init(reason first: BoringSSLInternalError) {
    guard let code = first.description.firstRange(of: "OPENSSL_internal:") else {
      self.init(.tls, first.description)
      return
    }
    switch first.description[code.upperBound...].prefix(while: { $0 != " " }) {
    case "CERTIFICATE_VERIFY_FAILED": self.init(.untrustedCertificate, "")
    case "WRONG_VERSION_NUMBER":
      self.init(.tls, "WRONG_VERSION_NUMBER: the port does not speak TLS")
    case "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION":
      self.init(.tls, "it speaks no TLS 1.2 or later")
    case let reason where Self.clientAlerts.contains { reason.hasSuffix($0) }:
      self.init(.clientCertificateRefused, reason)
    case let reason: self.init(.tls, reason)
    }
  }
}
