internal import AsyncHTTPClient
internal import CAdvisor
internal import CheckedJSON
internal import Deadlines
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Asks a running daemon.
package struct StatusClient: Sendable {
  private static let deadline = Duration.seconds(5)
  private static let mostBytes = 64 << 20

  /// Why there is no answer.
  package struct NoAnswer: Error, CustomStringConvertible {
    package let description: String
  }

  /// The daemon answers, and does not give what was asked for.
  package struct Refused: Error, CustomStringConvertible {
    package let description: String
  }

  /// The scheme and authority; a UNIX socket's path coded as async-http-client has it.
  private let base: String
  /// As a person finds it.
  private let shown: String
  private let token: StatusToken?
  private let caFile: String?
  /// Addresses to be taken for names.
  private var addresses: [String: String] = [:]

  /// - Parameters:
  ///   - address: where the daemon listens; one that listens everywhere is asked on this host.
  ///   - token: what it asks for.
  /// - Throws: `NoAnswer` where the status is off.
  package init(_ address: StatusConfiguration.Address, token: StatusToken?) throws(NoAnswer) {
    switch address {
    case .off:
      throw NoAnswer(description: "the configuration has the status off (`status.listen`)")
    case .tcp(let host, let port):
      let near = ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
      base = "http://\(StatusConfiguration.Address.tcp(host: near, port: port))"
      shown = base
    case .unix(let path):
      base = "http+unix://\(PercentCoding.coded(path))"
      shown = address.description
    }
    self.token = token
    caFile = nil
  }

  /// - Parameter token: what the peer asks for.
  package init(peer: PeerConfiguration, token: StatusToken?) throws(NoAnswer) {
    if peer.url.hasPrefix(PeerConfiguration.socketScheme) {
      let path = String(peer.url.dropFirst(PeerConfiguration.socketScheme.count))
      try self.init(.unix(path: path), token: token)
    } else {
      try self.init(url: peer.url, token: token, caFile: peer.caFile)
      if let address = peer.address, let host = (try? EndpointURL(peer.url))?.host {
        addresses[host] = address
      }
    }
  }

  /// - Parameters:
  ///   - url: `http://HOST:PORT`, with or without a path before the daemon's own.
  ///   - caFile: the authorities that are trusted instead of the system's.
  package init(url: String, token: StatusToken?, caFile: String? = nil) throws(NoAnswer) {
    do throws(EndpointURL.Invalid) {
      base = try EndpointURL(url).text
    } catch {
      throw NoAnswer(description: "the address \(error.message) (\(error.hint))")
    }
    shown = base
    self.token = token
    self.caFile = caFile
  }

  /// Reads the token that a configuration names, for who asks and may be another user than the
  /// daemon's.
  ///
  /// - Throws: `Refused` where the file is meant for others.
  package static func token(of configuration: Configuration, file: String) throws -> StatusToken? {
    guard let path = configuration.status.tokenFile else { return nil }
    do throws(SecretFile.Unusable) {
      return try StatusToken.read(path)
    } catch  where error.isForbidden {
      throw Refused(
        description: "the daemon asks for a token, and \(error): ask as root (sudo), or name a "
          + "file with the token that you may read by --token-file")
    } catch {
      return try StatusToken.load(configuration, file: file)
    }
  }

  package func status() async throws -> StatusReport {
    let report = try await ask("/api/v1/status", for: StatusReport.self)
    guard report.version == StatusReport.currentVersion else {
      throw NoAnswer(
        description:
          "\(shown): evenkeel \(report.evenkeel) answers in version \(report.version) of "
          + "its form; this program reads version \(StatusReport.currentVersion)")
    }
    return report
  }

  package func explanation(of server: String, in backend: String) async throws -> Explanation {
    let query = "backend=\(PercentCoding.coded(backend))&server=\(PercentCoding.coded(server))"
    return try await ask("/api/v1/explain?\(query)", for: Explanation.self)
  }

  /// What the daemon tells its peers.
  package func peerReport() async throws -> PeerAnswer {
    try await ask("/api/v1/peer", for: PeerAnswer.self)
  }

  private func ask<Answer: Decodable & Sendable>(
    _ path: String, for type: Answer.Type
  ) async throws -> Answer {
    // As careful with its token as with a cAdvisor's.
    var configuration = try CAdvisorHTTP.configuration(caFile: caFile)
    // What keeps many connections small is of no use to one that is closed at once.
    configuration.http1_1ConnectionDebugInitializer = nil
    configuration.dnsOverride = addresses
    do {
      return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
        try await withDeadline(after: Self.deadline, clock: .continuous) {
          try await ask(path, for: type, with: client)
        }
      }
    } catch {
      switch error {
      case is NoAnswer, is Refused: throw error
      case is DeadlineExceeded:
        throw NoAnswer(
          description: "\(shown) does not answer within \(DurationText(Self.deadline))")
      case is DecodingError, is UnfinishedJSON:
        throw NoAnswer(description: "\(shown): this is not evenkeel's answer")
      default:
        throw NoAnswer(
          description:
            "\(shown) does not answer: is evenkeel running, and `status.listen` the same? "
            + "(\(Self.cause(of: error)))")
      }
    }
  }

  private func ask<Answer: Decodable>(
    _ path: String, for _: Answer.Type, with client: HTTPClient
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: base + path)
    request.headers.add(name: "Accept", value: "application/json")
    if let token { request.headers.add(name: "Authorization", value: token.authorization) }
    let response = try await client.execute(request, timeout: .seconds(60))
    let body = try await response.body.collect(upTo: Self.mostBytes)
    switch response.status {
    case .ok: break
    case .unauthorized:
      throw Refused(
        description: "\(shown): the token is missing or wrong; name its file with --token-file")
    case .misdirectedRequest:
      throw Refused(
        description: "\(shown): the daemon knows itself by no such name; ask by its address, or "
          + "add the name to `status.hosts` in its configuration")
    case .notFound: throw Refused(description: "\(shown): there is no such backend or server")
    default: throw NoAnswer(description: "\(shown) answers \(response.status)")
    }
    return try WholeJSON.decode(Answer.self, from: body.readableBytesView, snakeCase: true)
  }

  /// A refused connection, by the words of the system.
  private static func cause(of error: any Error) -> String {
    guard let failure = error as? NIOConnectionError,
      let first = failure.connectionErrors.first?.error ?? failure.dnsAError ?? failure.dnsAAAAError
    else { return SystemMessage.of(error) }
    return SystemMessage.of(first)
  }
}
