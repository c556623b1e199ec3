/// Where and to whom the daemon shows what it does.
package struct StatusConfiguration: Sendable, Equatable {
  /// Where it listens for HTTP.
  package enum Address: Sendable, Equatable {
    case off
    /// The port 0 lets the system choose.
    case tcp(host: String, port: Int)
    case unix(path: String)
  }

  package var address: Address
  /// Path of the file with the token that is asked for; `nil` where anybody may look.
  package var tokenFile: String?
  /// Names beside this machine's own by which it may be asked over TCP.
  package var hosts: [String]
  /// Whose members may open the UNIX socket; `nil` for the group that the daemon runs in.
  package var group: String?

  package init(
    address: Address, tokenFile: String? = nil, hosts: [String] = [], group: String? = nil
  ) {
    self.address = address
    self.tokenFile = tokenFile
    self.hosts = hosts
    self.group = group
  }

  package static let standard = StatusConfiguration(address: .tcp(host: "127.0.0.1", port: 9797))
}

extension StatusConfiguration.Address: CustomStringConvertible {
  /// As the configuration writes it.
  package var description: String {
    switch self {
    case .off: "off"
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}
