internal import ArgumentParser
internal import EvenkeelDaemon

/// In which order servers are shown.
enum ServerOrder: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// What somebody should see to, then the fullest.
  case worst
  /// As HAProxy has them.
  case haproxy
  case name
  case utilisation
  case requests

  /// Those that have lines of their own.
  func sorted(_ backend: StatusReport.Backend) -> [StatusReport.Server] {
    let servers = backend.servers.filter { !$0.isEmptySlot }
    return switch self {
    case .worst: backend.servers.worstFirst
    case .haproxy: servers
    case .name: servers.sorted { $0.name < $1.name }
    case .utilisation: servers.sorted { $0.utilisation ?? -1 > $1.utilisation ?? -1 }
    case .requests: servers.sorted { $0.requestsPerSecond ?? -1 > $1.requestsPerSecond ?? -1 }
    }
  }
}
