internal import CAdvisor
internal import Glibc

/// What makes secrets of a configuration known to others than they are meant for: notes for `check`,
/// as all works the same.
enum SecrecyNotes {
  /// - Returns: what concerns the credentials of one cAdvisor.
  static func of(_ endpoint: EndpointConfiguration) -> [String] {
    var notes: [String] = []
    if let credentials = endpoint.credentials, let url = try? EndpointURL(endpoint.url),
      !url.isSecure, !isLoopback(url.host)
    {
      notes.append(
        "its \(credentials.word) is sent in clear text over http://, for all between here and there "
          + "to read: use https://")
    }
    let files = [endpoint.credentials?.file, endpoint.clientCertificate?.keyFile]
    return notes + files.compactMap(\.self).compactMap(note)
  }

  /// - Returns: what concerns the token of one peer.
  static func of(_ peer: PeerConfiguration) -> [String] {
    var notes: [String] = []
    if peer.tokenFile != nil, let url = try? EndpointURL(peer.url), !url.isSecure,
      !isLoopback(url.host)
    {
      notes.append(
        "its token is sent in clear text over http://, for all between here and there to read: put a "
          + "proxy with TLS before it, or let a network of their own be between them")
    }
    return notes + [peer.tokenFile].compactMap(\.self).compactMap(note)
  }

  /// - Returns: what is to be known where peers read a status that asks nobody for a token.
  static func ofPeers(_ configuration: Configuration) -> String? {
    guard !configuration.peers.isEmpty, configuration.status.tokenFile == nil,
      case .tcp(let host, _) = configuration.status.address, !isLoopback(host)
    else { return nil }
    return
      "peers read \(configuration.status.address), and so can everybody who reaches it: name a "
      + "file with one token in `status.token_file` here and in `peers[].token_file` there"
  }

  /// - Returns: what concerns the status.
  static func of(_ status: StatusConfiguration) -> [String] {
    var notes: [String] = []
    if case .tcp(let host, _) = status.address, !isLoopback(host) {
      notes.append(
        status.tokenFile == nil
          ? "everybody who reaches \(status.address) can see it: ask for a token with "
            + "`status.token_file`, or listen on 127.0.0.1"
          : "at \(status.address) the token is sent in clear text: put a proxy with TLS before "
            + "it, or listen on 127.0.0.1")
    }
    return notes + [status.tokenFile].compactMap(\.self).compactMap(note)
  }

  /// A file that is no secret any more.
  private static func note(_ path: String) -> String? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IROTH != 0 else { return nil }
    let mode = String(status.st_mode & 0o7777, radix: 8)
    return
      "\(path) holds a secret, and everybody on this machine may read it (mode \(mode)): chmod "
      + "640 and the group that evenkeel runs in, or LoadCredential= in systemd's unit"
  }

  private static func isLoopback(_ host: String) -> Bool { LocalAddress.isLoopback(host) }
}

extension EndpointConfiguration.Credentials {
  fileprivate var word: String {
    switch self {
    case .basic: "password"
    case .bearer: "token"
    }
  }

  fileprivate var file: String {
    switch self {
    case .basic(_, let passwordFile): passwordFile
    case .bearer(let tokenFile): tokenFile
    }
  }
}
