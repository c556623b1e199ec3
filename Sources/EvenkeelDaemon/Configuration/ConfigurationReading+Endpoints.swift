import Balancing
import CAdvisor
import CheckedJSON

extension ConfigurationReading {
  /// An endpoint as it was read, before it is held against the others.
  private struct ReadEndpoint {
    let path: String
    let url: EndpointURL
    var host: String
    var caFile: String?
    var clientCertificate: ClientCertificate?
    var serverName: String?
    var credentials: EndpointConfiguration.Credentials?
    var replyLimit: Int?
  }

  /// Reads the list of cAdvisors: URLs, or objects with a URL and more.
  mutating func endpoints(_ node: JSONNode) -> [EndpointConfiguration] {
    let endpoints = distinctURLs((list(node) ?? []).compactMap { readEndpoint($0) })
    return distinct(
      endpoints, by: { $0.host.lowercased() }, at: \.path, hint: "set `host` to tell them apart"
    ) { endpoint, first in
      "watches the same host \(QuotedText(endpoint.host)) as \(first)"
    }.map(configuration)
  }

  /// Reads the URLs of the 2015 form, which has no way to name hosts: where several cAdvisors share
  /// one, the rest of the URL tells them apart.
  mutating func endpoints2015(_ node: JSONNode) -> [EndpointConfiguration] {
    let endpoints = distinctURLs((list(node) ?? []).compactMap { readEndpoint(url: $0) })
    let uses = Dictionary(grouping: endpoints) { $0.host.lowercased() }
    return endpoints.map { endpoint in
      var named = endpoint
      if uses[endpoint.host.lowercased(), default: []].count > 1 {
        named.host = "\(endpoint.url.host):\(endpoint.url.port)\(endpoint.url.path)"
      }
      return configuration(named)
    }
  }

  private mutating func readEndpoint(_ node: JSONNode) -> ReadEndpoint? {
    switch node.value {
    case .string: return readEndpoint(url: node)
    case .object: break
    default:
      report(
        node.path, "must be a URL or an object with `url`, not \(node.value.kind)")
      return nil
    }
    guard let object = object(node, of: ConfigurationKeys.Endpoint.self) else { return nil }
    let host = object[.host].flatMap { name($0) }
    let caFile = file(.caFile, of: object)
    let clientCertificate = clientCertificate(object)
    let serverName = object[.serverName].flatMap { name($0) }
    let credentials = credentials(object)
    let replyLimit = object[.replyLimit].flatMap {
      size($0, in: EndpointConfiguration.allowedReplyLimits)
    }
    guard let url = required(.url, of: object), var endpoint = readEndpoint(url: url)
    else { return nil }
    if !endpoint.url.isSecure {
      for key in ConfigurationKeys.Endpoint.ofTLS where object[key] != nil {
        report(object.path(of: key), "has no use with http://", hint: "write https:// in `url`")
      }
    }
    endpoint.host = host ?? endpoint.host
    endpoint.caFile = caFile
    endpoint.clientCertificate = clientCertificate
    endpoint.serverName = serverName
    endpoint.credentials = credentials
    endpoint.replyLimit = replyLimit
    return endpoint
  }

  private mutating func file(
    _ key: ConfigurationKeys.Endpoint, of object: JSONObject<ConfigurationKeys.Endpoint>
  ) -> String? {
    object[key].flatMap { text($0) }.map(files.path)
  }

  private mutating func clientCertificate(
    _ object: JSONObject<ConfigurationKeys.Endpoint>
  ) -> ClientCertificate? {
    let certificate = file(.clientCertificateFile, of: object)
    let key = file(.clientKeyFile, of: object)
    requireBoth(.clientCertificateFile, .clientKeyFile, of: object)
    guard let certificate, let key else { return nil }
    return ClientCertificate(certificateFile: certificate, keyFile: key)
  }

  private mutating func credentials(
    _ object: JSONObject<ConfigurationKeys.Endpoint>
  ) -> EndpointConfiguration.Credentials? {
    let username = object[.username].flatMap { text($0) }
    let passwordFile = file(.passwordFile, of: object)
    let tokenFile = file(.tokenFile, of: object)
    requireBoth(.username, .passwordFile, of: object)
    if object[.tokenFile] != nil, object[.username] != nil || object[.passwordFile] != nil {
      report(
        object.path(of: .tokenFile), "does not go with `username` and `password_file`",
        hint: "remove one or the other: there is one Authorization header")
    }
    if let tokenFile { return .bearer(tokenFile: tokenFile) }
    guard let username, let passwordFile else { return nil }
    return .basic(username: username, passwordFile: passwordFile)
  }

  private mutating func requireBoth(
    _ first: ConfigurationKeys.Endpoint, _ second: ConfigurationKeys.Endpoint,
    of object: JSONObject<ConfigurationKeys.Endpoint>
  ) {
    guard (object[first] == nil) != (object[second] == nil) else { return }
    report(
      object.path(of: object[first] == nil ? first : second), "is missing",
      hint: "`\(first.rawValue)` and `\(second.rawValue)` go together")
  }

  private mutating func readEndpoint(url node: JSONNode) -> ReadEndpoint? {
    guard let text = text(node) else { return nil }
    do throws(EndpointURL.Invalid) {
      let url = try EndpointURL(text)
      return ReadEndpoint(path: node.path, url: url, host: url.host)
    } catch {
      report(node.path, error.message, hint: error.hint)
      return nil
    }
  }

  private mutating func distinctURLs(_ endpoints: [ReadEndpoint]) -> [ReadEndpoint] {
    distinct(endpoints, by: \.url.identity, at: \.path, hint: "remove one of them") { _, first in
      "is the same URL as \(first)"
    }
  }

  private func configuration(_ endpoint: ReadEndpoint) -> EndpointConfiguration {
    EndpointConfiguration(
      name: EndpointName(endpoint.url.text), url: endpoint.url.text, host: HostName(endpoint.host),
      caFile: endpoint.caFile, clientCertificate: endpoint.clientCertificate,
      serverName: endpoint.serverName, credentials: endpoint.credentials,
      replyLimit: endpoint.replyLimit)
  }
}

extension ConfigurationKeys.Endpoint {
  /// What only TLS has a use for.
  fileprivate static let ofTLS: [Self] = [
    .caFile, .clientCertificateFile, .clientKeyFile, .serverName,
  ]
}
