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
    if status.address == .off, object[.tokenFile] != nil {
      report(object.path(of: .tokenFile), "has no use where `listen` is off", hint: "remove it")
    }
    return status
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
