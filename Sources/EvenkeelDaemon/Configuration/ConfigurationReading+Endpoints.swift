import Balancing
import CAdvisor
import CheckedJSON

extension ConfigurationReading {
  /// An endpoint as it was read, before it is held against the others.
  fileprivate struct ReadEndpoint {
    let path: String
    let url: EndpointURL
    var configuration: EndpointConfiguration
    var host: String

    init(path: String, place: String, url: EndpointURL, kind: SourceKind) {
      self.path = path
      self.url = url
      host = url.host
      configuration = EndpointConfiguration(
        name: EndpointName(url.text), url: url.text, host: HostName(url.host))
      configuration.kind = kind
      configuration.query = url.query
      configuration.place = place
    }

    /// Two that ask the same of the same.
    var identity: [String] {
      url.identity + [url.query ?? ""]
        + configuration.labels.sorted { $0.key < $1.key }
        .flatMap { [$0.key, $0.value] }
    }
  }

  /// Reads the list of sources: URLs, objects with a URL and more, and what finds hosts; or the only
  /// one of these.
  mutating func sources(
    _ node: JSONNode
  ) -> (listed: [EndpointConfiguration], found: [FindingConfiguration]) {
    var elements = [node]
    // The only one that finds them all needs no list around it.
    if !Self.isFinding(node.value) { elements = list(node) ?? [] }
    let found = elements.filter { Self.isFinding($0.value) }.compactMap { finding($0) }
    let means = distinct(
      found, by: \.means, at: \.place, hint: "remove one of them"
    ) { finding, first in
      "finds the same hosts as \(first)"
    }
    return (endpoints(elements.filter { !Self.isFinding($0.value) }), means)
  }

  private mutating func endpoints(_ nodes: [JSONNode]) -> [EndpointConfiguration] {
    let endpoints = distinctURLs(nodes.compactMap { readEndpoint($0) })
    let configured = distinct(
      endpoints, by: { $0.host.lowercased() }, at: \.path, hint: "set `host` to tell them apart"
    ) { endpoint, first in
      "watches the same host \(QuotedText(endpoint.host)) as \(first)"
    }.map(configuration)
    // What tells them apart may be what is not told.
    let uses = Dictionary(grouping: configured, by: \.name).mapValues(\.count)
    return configured.map { endpoint in
      guard uses[endpoint.name] ?? 1 > 1 else { return endpoint }
      return EndpointConfiguration(
        endpoint, name: EndpointName("\(endpoint.name.text) of \(endpoint.host)"),
        host: endpoint.host)
    }
  }

  /// Reads the URLs of the 2015 form, which has no way to name hosts: where several cAdvisors share
  /// one, the rest of the URL tells them apart.
  mutating func endpoints2015(_ node: JSONNode) -> [EndpointConfiguration] {
    let endpoints = distinctURLs(
      (list(node) ?? []).compactMap { readEndpoint(url: $0, at: $0.path, kind: .cadvisor) })
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
    case .string: return readEndpoint(url: node, at: node.path, kind: nil)
    case .object: break
    default:
      report(
        node.path, "must be a URL or an object with `url`, not \(node.value.kind)")
      return nil
    }
    guard let object = object(node, of: ConfigurationKeys.Endpoint.self) else { return nil }
    let kind = object[.kind].flatMap { choice($0, of: SourceKind.self) }
    let host = object[.host].flatMap { name($0) }
    let caFile = file(.caFile, of: object)
    let clientCertificate = clientCertificate(object)
    let serverName = object[.serverName].flatMap { name($0) }
    let credentials = credentials(object)
    let replyLimit = object[.replyLimit].flatMap {
      size($0, in: EndpointConfiguration.allowedReplyLimits)
    }
    let scope = object[.load].flatMap { choice($0, of: SourceScope.self) }
    let names = object[.names].map { metricNames($0) }
    let labels = object[.labels].map { seriesLabels($0) }
    guard let url = required(.url, of: object),
      var endpoint = readEndpoint(url: url, at: node.path, kind: kind)
    else { return nil }
    if !endpoint.url.isSecure {
      for key in ConfigurationKeys.Endpoint.ofTLS where object[key] != nil {
        report(object.path(of: key), "has no use with http://", hint: "write https:// in `url`")
      }
    }
    if endpoint.configuration.kind != .metrics {
      for key in ConfigurationKeys.Endpoint.ofPages where object[key] != nil {
        report(
          object.path(of: key), "has no use with \(endpoint.configuration.kind.rawValue)",
          hint: "set `kind` to metrics, if the URL is that of a page of metrics")
      }
    }
    endpoint.configuration.caFile = caFile
    endpoint.configuration.clientCertificate = clientCertificate
    endpoint.configuration.serverName = serverName
    endpoint.configuration.credentials = credentials
    endpoint.configuration.replyLimit = replyLimit
    endpoint.configuration.scope = scope
    endpoint.configuration.names = names ?? MetricNames()
    endpoint.configuration.labels = labels ?? [:]
    // A Prometheus hands on what it had from somebody else.
    let instance = labels?["instance"].map(Self.hostPart).flatMap { $0.isEmpty ? nil : $0 }
    endpoint.configuration.machine = instance ?? (endpoint.url.isFederation ? host : nil)
    endpoint.host = host ?? instance ?? endpoint.host
    return endpoint
  }

  /// `web1` of `web1:8080`, `::1` of `[::1]:8080`.
  private static func hostPart(_ instance: String) -> String {
    if instance.hasPrefix("["), let end = instance.firstIndex(of: "]") {
      return String(instance[..<end].dropFirst())
    }
    guard let colon = instance.lastIndex(of: ":"), !instance[..<colon].contains(":") else {
      return instance
    }
    return String(instance[..<colon])
  }

  /// What series and labels are called: one key for each that is read.
  mutating func metricNames(_ node: JSONNode) -> MetricNames {
    guard let object = object(node, of: MetricName.self) else { return MetricNames() }
    var names: [MetricName: String] = [:]
    for name in MetricName.allCases {
      names[name] = object[name].flatMap { text($0) }
    }
    return MetricNames(names)
  }

  /// Labels with the values that they must have; their names are anybody's.
  private mutating func seriesLabels(_ node: JSONNode) -> [String: String] {
    guard case .object(let members) = node.value else {
      report(node.path, "must be an object of labels and values, not \(node.value.kind)")
      return [:]
    }
    var labels: [String: String] = [:]
    for member in members {
      let value = JSONNode(path: "\(node.path).\(QuotedText(member.name))", value: member.value)
      guard let text = text(value) else { continue }
      if labels.updateValue(text, forKey: member.name) != nil {
        report(value.path, "is given twice")
      }
    }
    return labels
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

  /// - Parameter kind: `nil` where the URL is to tell it.
  private mutating func readEndpoint(
    url node: JSONNode, at path: String, kind: SourceKind?
  ) -> ReadEndpoint? {
    guard let text = text(node) else { return nil }
    do throws(EndpointURL.Invalid) {
      let url = try EndpointURL(text, kind: kind)
      return ReadEndpoint(
        path: node.path, place: path, url: url,
        kind: kind ?? (url.socket == nil ? SourceKind(path: url.path) : .docker))
    } catch {
      report(node.path, error.message, hint: error.hint)
      return nil
    }
  }

  private mutating func distinctURLs(_ endpoints: [ReadEndpoint]) -> [ReadEndpoint] {
    distinct(endpoints, by: \.identity, at: \.path, hint: "remove one of them") { _, first in
      "is the same URL as \(first)"
    }
  }

  private func configuration(_ endpoint: ReadEndpoint) -> EndpointConfiguration {
    EndpointConfiguration(
      endpoint.configuration, name: EndpointName(endpoint.shownName),
      host: HostName(endpoint.host))
  }
}

extension ConfigurationReading.ReadEndpoint {
  /// The URL, and what tells it from others of the same; a query may have a secret in it, and shows
  /// its keys alone.
  fileprivate var shownName: String {
    let labels = configuration.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return url.text + (url.query.map { "?\(EndpointURL.shown(query: $0))" } ?? "")
      + (labels.isEmpty ? "" : " {\(labels.joined(separator: ", "))}")
  }
}

extension EndpointConfiguration {
  fileprivate init(_ other: Self, name: EndpointName, host: HostName) {
    self.init(
      name: name, url: other.url, host: host, caFile: other.caFile,
      clientCertificate: other.clientCertificate, serverName: other.serverName,
      credentials: other.credentials, replyLimit: other.replyLimit)
    (kind, place, scope, query) = (other.kind, other.place, other.scope, other.query)
    (names, labels, machine) = (other.names, other.labels, other.machine)
  }
}

extension ConfigurationKeys.Endpoint {
  /// What only TLS has a use for.
  fileprivate static let ofTLS: [Self] = [
    .caFile, .clientCertificateFile, .clientKeyFile, .serverName,
  ]

  /// What only a page of metrics has a use for.
  fileprivate static let ofPages: [Self] = [.names, .labels]
}
