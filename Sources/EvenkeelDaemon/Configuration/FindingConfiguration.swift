internal import Balancing

/// How hosts are found, in the place of a list of them, and what is read of each.
package struct FindingConfiguration: Sendable, Equatable {
  package enum Means: Sendable, Hashable {
    /// The addresses of HAProxy's own servers.
    case servers(port: Int)
    /// A file in the format of Prometheus' file_sd.
    case file(path: String)
    /// A URL that answers in that format: Prometheus' http_sd.
    case http(url: String, query: String?)
    /// The addresses of a name.
    case name(String, port: Int)
    /// What the SRV records of a name lead to.
    case services(String)
  }

  /// Where in the configuration it stands.
  package let place: String
  package let means: Means
  /// All that is the same for every host; its name and URL are not.
  package let common: EndpointConfiguration
  /// `http` or `https`, where who finds a host does not say.
  package let scheme: String
  /// With a slash at its beginning, or empty, where who finds a host does not say.
  package let path: String

  /// In messages: by what its hosts are found.
  package var origin: String {
    switch means {
    case .servers(let port): "servers of HAProxy, port \(port)"
    case .file(let path): "file \(path)"
    case .http(let url, _): "http_sd \(url)"
    case .name(let name, let port): "name \(name), port \(port)"
    case .services(let name): "SRV records of \(name)"
    }
  }

  /// Where it stands is no part of what it is.
  package static func == (left: Self, right: Self) -> Bool {
    left.means == right.means && left.common == right.common && left.scheme == right.scheme
      && left.path == right.path
  }

  /// The source that a host is, or one that says why it cannot be asked.
  func endpoint(at target: FoundTarget, called host: String) -> EndpointConfiguration {
    let address = target.host.contains(":") ? "[\(target.host)]" : target.host
    let text = "\(target.scheme ?? scheme)://\(address):\(target.port)\(target.path ?? path)"
    var refusal: String?
    // A list decides where a host is, and not that a secret goes there in clear text.
    if common.credentials != nil, scheme == "https", let other = target.scheme, other != scheme {
      refusal = "its list wants \(other), and the credentials are for https"
    }
    let url = try? EndpointURL(text, kind: common.kind)
    if url == nil { refusal = "its list makes no URL that can be used of it" }
    let shown = url.map { url in
      url.text + (url.query.map { "?\(EndpointURL.shown(query: $0))" } ?? "")
    }
    var endpoint = EndpointConfiguration(
      name: EndpointName(shown ?? "\(address):\(target.port)"), url: url?.text ?? text,
      host: HostName(host), caFile: common.caFile,
      clientCertificate: common.clientCertificate, serverName: common.serverName,
      credentials: common.credentials, replyLimit: common.replyLimit)
    endpoint.refusal = refusal
    endpoint.kind = common.kind
    endpoint.place = place
    endpoint.scope = common.scope
    endpoint.query = url?.query
    endpoint.names = common.names
    endpoint.origin = origin
    return endpoint
  }
}

/// A host as it is found.
package struct FoundTarget: Sendable, Hashable {
  /// A name or an address, without brackets.
  package var host: String
  package var port: Int
  /// Where who found it says so.
  package var scheme: String?
  package var path: String?

  package init(host: String, port: Int, scheme: String? = nil, path: String? = nil) {
    self.host = host
    self.port = port
    self.scheme = scheme
    self.path = path
  }
}
