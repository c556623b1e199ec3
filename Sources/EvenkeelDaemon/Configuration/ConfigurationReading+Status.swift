import CheckedJSON

extension ConfigurationReading {
  mutating func status(_ node: JSONNode) -> StatusConfiguration {
    var status = StatusConfiguration.standard
    guard let object = object(node, of: ConfigurationKeys.Status.self) else { return status }
    if let listen = object[.listen], let text = text(listen) {
      do throws(BalancerConfiguration.Address.Invalid) {
        status.address = try StatusConfiguration.Address(parsing: text)
      } catch {
        report(listen.path, error.message, hint: error.hint)
      }
    }
    status.tokenFile = object[.tokenFile].flatMap { text($0) }.map(files.path)
    status.hosts = object[.hosts].flatMap { list($0) }?.compactMap { hostName($0) } ?? []
    status.group = object[.group].flatMap { name($0) }
    for key in ConfigurationKeys.Status.allCases where object[key] != nil {
      if let place = key.place(missingFrom: status.address) {
        report(object.path(of: key), "has no use where `listen` is \(place)", hint: "remove it")
      }
    }
    return status
  }

  /// A name as a browser sends it, without a port.
  private mutating func hostName(_ node: JSONNode) -> String? {
    let form = "allowed: a host's name or address, without scheme, port and path"
    guard let text = text(node, hint: form) else { return nil }
    guard text.unicodeScalars.allSatisfy(HAProxyNames.allow), !text.contains(":") else {
      report(node.path, "\(QuotedText(text)) is no host's name", hint: form)
      return nil
    }
    return text
  }
}

extension ConfigurationKeys.Status {
  /// What the status listens on, where that leaves nothing for the key to say.
  fileprivate func place(missingFrom address: StatusConfiguration.Address) -> String? {
    switch (self, address) {
    case (.listen, _): nil
    case (_, .off): "off"
    case (.hosts, .unix): "a socket, which is asked by no name"
    case (.group, .tcp): "no socket"
    default: nil
    }
  }
}

extension StatusConfiguration.Address {
  private typealias Invalid = BalancerConfiguration.Address.Invalid

  private static let form = "allowed: HOST:PORT, [IPV6]:PORT, unix:/PATH or off"

  /// Reads `HOST:PORT`, `unix:/PATH` or `off`.
  init(parsing text: String) throws(BalancerConfiguration.Address.Invalid) {
    if text == "off" {
      self = .off
      return
    }
    let isPath = text.hasPrefix("unix:")
    let address =
      isPath
      ? try BalancerConfiguration.Address(parsing: text)
      : try BalancerConfiguration.Address.tcp(
        authority: text[...], ports: 0...65_535, form: Self.form)
    switch address {
    case .unix(let path): self = .unix(path: path)
    case .tcp(let host, let port): self = .tcp(host: host, port: port)
    }
  }
}
