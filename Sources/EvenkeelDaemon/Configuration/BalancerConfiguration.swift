package import Balancing

/// How one HAProxy is reached, and whether it may be written to.
package struct BalancerConfiguration: Sendable, Equatable {
  /// Where its Runtime API listens.
  package enum Address: Hashable, Sendable {
    /// An absolute path, short enough for a socket's address.
    case unix(path: String)
    /// A name or an address without brackets, and a port of 1…65535.
    case tcp(host: String, port: Int)
  }

  /// The name of a balancer that is given none.
  package static let standardName: BalancerName = "haproxy"

  package let name: BalancerName
  package let address: Address
  /// Whether weights are written to it, or it is only read.
  package let writes: Bool
}

extension BalancerConfiguration.Address {
  /// Whether it can only be this machine's.
  var isHere: Bool {
    switch self {
    case .unix: true
    case .tcp(let host, _): LocalAddress.isLoopback(host)
    }
  }
}

extension BalancerConfiguration.Address: CustomStringConvertible {
  /// As the configuration writes it.
  package var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host, let port):
      host.contains(":") ? "tcp:[\(host)]:\(port)" : "tcp:\(host):\(port)"
    }
  }
}
