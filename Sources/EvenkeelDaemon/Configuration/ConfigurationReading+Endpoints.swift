import Balancing
import CheckedJSON

extension ConfigurationReading {
  /// An endpoint as it was read, before it is held against the others.
  private struct ReadEndpoint {
    let path: String
    let url: EndpointURL
    var host: String
    var caFile: String?
    var username: String?
    var passwordFile: String?
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
    let caFile = object[.caFile].flatMap { text($0) }.map(files.path)
    let username = object[.username].flatMap { text($0) }
    let passwordFile = object[.passwordFile].flatMap { text($0) }.map(files.path)
    if (object[.username] == nil) != (object[.passwordFile] == nil) {
      let missing: ConfigurationKeys.Endpoint =
        object[.username] == nil ? .username : .passwordFile
      report(
        object.path(of: missing), "is missing",
        hint: "`username` and `password_file` go together")
    }
    guard let url = required(.url, of: object), var endpoint = readEndpoint(url: url)
    else { return nil }
    if caFile != nil, !endpoint.url.isSecure {
      report(object.path(of: .caFile), "has no use with http://", hint: "write https:// in `url`")
    }
    endpoint.host = host ?? endpoint.host
    endpoint.caFile = caFile
    endpoint.username = username
    endpoint.passwordFile = passwordFile
    return endpoint
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
      caFile: endpoint.caFile, username: endpoint.username, passwordFile: endpoint.passwordFile)
  }
}
