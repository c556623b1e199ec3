package import Balancing

extension ServerHold: CustomStringConvertible {
  package var description: String {
    switch self {
    case .state(let state): state.description
    case .noContainer: "no container matched"
    case .stale(let age?): "its last sample is \(decimal(age, 0)) s old"
    case .stale(nil): "no sample of its container"
    case .noRate: "only one sample of its container so far"
    case .sampleBeforeLastWrite: "its sample began before the last change"
    case .doubted(let doubt): doubt.description
    case .external: "held"
    }
  }
}

extension ServerState: CustomStringConvertible {
  package var description: String {
    switch self {
    case .up: "up"
    case .ramping: "ramping up under HAProxy's slowstart"
    case .drain: "draining"
    case .maintenance: "in maintenance"
    case .down: "down"
    case .unresolved: "without an address"
    case .backup: "a backup server"
    case .zeroWeight: "weight 0 that evenkeel did not set"
    }
  }
}
