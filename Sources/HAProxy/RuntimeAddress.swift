/// Where HAProxy's Runtime API listens: what its configuration calls a `stats socket`.
public enum RuntimeAddress: Hashable, Sendable {
  /// A unix socket, by the path in the file system.
  case unix(path: String)
  /// A TCP port. It has no authentication: prefer a unix socket.
  case tcp(host: String, port: Int)
}

extension RuntimeAddress: CustomStringConvertible {
  /// `unix:/run/haproxy/admin.sock`, `tcp:192.0.2.1:9999` or `tcp:[2001:db8::1]:9999`.
  public var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host, let port):
      host.contains(":") ? "tcp:[\(host)]:\(port)" : "tcp:\(host):\(port)"
    }
  }
}
