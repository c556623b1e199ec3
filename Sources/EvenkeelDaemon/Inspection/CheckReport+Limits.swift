internal import Control

/// What one look cannot know, and a daemon that has run for a while does.
extension CheckReport {
  /// A limit in force that is off by no more than this factor is as good as the one that is advised.
  private static let asGood = 1.25

  /// Takes in which limits the running daemon is sure of, where others are in force.
  package mutating func addLimits(of running: [StatusReport.Backend]) {
    for index in backends.indices {
      let name = backends[index].name
      let fitting = running.filter { $0.name == name }.flatMap(\.servers)
        .compactMap(Self.fittingLimit)
      guard !fitting.isEmpty else { continue }
      backends[index].advice.append(
        "with these `maxconn` what waits would wait in HAProxy, where any server that is free takes it: "
          + "\(NamesText.few(fitting)); `evenkeel explain \(name)` prints the lines")
    }
  }

  /// - Returns: `nil` where it is as good as in force.
  private static func fittingLimit(of server: StatusReport.Server) -> String? {
    guard let advised = server.maxconnAdvised, server.maxconnIsSure == true else { return nil }
    let isInForce = server.weights.allSatisfy { weight in
      weight.maxconn.map {
        Double(max($0, advised)) <= asGood * Double(min($0, advised))
      } ?? false
    }
    guard !isInForce else { return nil }
    let limits = Set(server.weights.map { $0.maxconn.map(String.init) ?? "none" }).sorted()
    return "\(server.name) \(advised) (now \(limits.joined(separator: ", ")))"
  }
}
