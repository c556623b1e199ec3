import Balancing
import CAdvisor
import CheckedJSON

extension ConfigurationReading {
  private typealias Keys = ConfigurationKeys.Finding

  /// Whether an element of the list of sources is no source but a means to find some.
  static func isFinding(_ value: JSONValue) -> Bool {
    guard case .object(let members) = value else { return false }
    let means = Set(Keys.ofMeans.map(\.rawValue))
    return members.contains { means.contains($0.name) }
  }

  mutating func finding(_ node: JSONNode) -> FindingConfiguration? {
    guard let object = object(node, of: Keys.self) else { return nil }
    let given = Keys.ofMeans.filter { object[$0] != nil }
    if given.count > 1 {
      report(
        node.path, "finds hosts by \(given.map { "`\($0.rawValue)`" }.joined(separator: " and "))",
        hint: "write an object for each")
    }
    let kind = object[.kind].flatMap { choice($0, of: SourceKind.self) } ?? .cadvisor
    let scheme = object[.scheme].flatMap { choice($0, of: Scheme.self) } ?? .http
    let path = object[.path].flatMap { pagePath($0) }
    let common = commonKeys(of: object, kind: kind)
    if scheme == .http, object[.httpSD] == nil, object[.file] == nil {
      for key in Keys.ofTLS where object[key] != nil {
        report(object.path(of: key), "has no use with http", hint: "set `scheme` to https")
      }
    }
    guard let means = means(of: object) else { return nil }
    return FindingConfiguration(
      place: node.path, means: means, common: common, scheme: scheme.rawValue,
      path: path ?? kind.usualPath)
  }

  enum RecordType: String, CaseIterable {
    case address = "A"
    case service = "SRV"
  }

  private enum Scheme: String, CaseIterable { case http, https }

  private mutating func means(of object: JSONObject<Keys>) -> FindingConfiguration.Means? {
    if let node = object[.servers] {
      guard let servers = self.object(node, of: ConfigurationKeys.Servers.self),
        let port = required(.port, of: servers).flatMap({ self.port($0) })
      else { return nil }
      return .servers(port: port)
    }
    if let node = object[.file] { return text(node).map { .file(path: files.path(of: $0)) } }
    if let node = object[.dns] {
      guard let dns = self.object(node, of: ConfigurationKeys.DNS.self) else { return nil }
      let name = required(.name, of: dns).flatMap { self.name($0) }
      let type = dns[.type].flatMap { choice($0, of: RecordType.self) } ?? .address
      if type == .service {
        if dns[.port] != nil {
          report(
            dns.path(of: .port), "has no use with SRV records, which tell it", hint: "remove it")
        }
        return name.map { .services($0) }
      }
      let port = required(.port, of: dns).flatMap { self.port($0) }
      guard let name, let port else { return nil }
      return .name(name, port: port)
    }
    guard let node = object[.httpSD], let text = text(node) else { return nil }
    do throws(EndpointURL.Invalid) {
      let url = try EndpointURL(text, kind: .metrics)
      return .http(url: url.text, query: url.query)
    } catch {
      report(node.path, error.message, hint: error.hint)
      return nil
    }
  }

  private mutating func port(_ node: JSONNode) -> Int? { integer(node, in: 1...65_535) }

  private mutating func pagePath(_ node: JSONNode) -> String? {
    guard let text = text(node) else { return nil }
    guard text.hasPrefix("/"), !text.contains("#"), text.allSatisfy({ $0.isASCII && $0 != " " })
    else {
      report(node.path, "\(QuotedText(text)) is no path", hint: "it begins with a slash")
      return nil
    }
    return text
  }

  /// What is the same for all hosts, as it is for one that is listed.
  private mutating func commonKeys(
    of object: JSONObject<Keys>, kind: SourceKind
  ) -> EndpointConfiguration {
    var common = EndpointConfiguration(name: "", url: "", host: "")
    common.kind = kind
    common.caFile = file(.caFile, of: object)
    let certificate = file(.clientCertificateFile, of: object)
    let key = file(.clientKeyFile, of: object)
    together(.clientCertificateFile, .clientKeyFile, of: object)
    if let certificate, let key {
      common.clientCertificate = ClientCertificate(certificateFile: certificate, keyFile: key)
    }
    common.serverName = object[.serverName].flatMap { name($0) }
    common.replyLimit = object[.replyLimit].flatMap {
      size($0, in: EndpointConfiguration.allowedReplyLimits)
    }
    common.scope = object[.load].flatMap { choice($0, of: SourceScope.self) }
    if let names = object[.names] {
      common.names = metricNames(names)
      if kind != .metrics {
        report(names.path, "has no use with \(kind.rawValue)", hint: "set `kind` to metrics")
      }
    }
    let username = object[.username].flatMap { text($0) }
    let password = file(.passwordFile, of: object)
    let token = file(.tokenFile, of: object)
    together(.username, .passwordFile, of: object)
    if object[.tokenFile] != nil, object[.username] != nil || object[.passwordFile] != nil {
      report(
        object.path(of: .tokenFile), "does not go with `username` and `password_file`",
        hint: "remove one or the other: there is one Authorization header")
    }
    if let token {
      common.credentials = .bearer(tokenFile: token)
    } else if let username, let password {
      common.credentials = .basic(username: username, passwordFile: password)
    }
    return common
  }

  private mutating func file(_ key: Keys, of object: JSONObject<Keys>) -> String? {
    object[key].flatMap { text($0) }.map(files.path)
  }

  private mutating func together(_ first: Keys, _ second: Keys, of object: JSONObject<Keys>) {
    guard (object[first] == nil) != (object[second] == nil) else { return }
    report(
      object.path(of: object[first] == nil ? first : second), "is missing",
      hint: "`\(first.rawValue)` and `\(second.rawValue)` go together")
  }
}

extension ConfigurationKeys.Finding {
  /// One of these makes an object a means to find hosts.
  static let ofMeans: [Self] = [.servers, .file, .httpSD, .dns]

  /// What only TLS has a use for.
  fileprivate static let ofTLS: [Self] = [
    .caFile, .clientCertificateFile, .clientKeyFile, .serverName,
  ]
}
