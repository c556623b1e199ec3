extension RuntimeSession {
  /// What HAProxy answers when it knows no such backend: not a set, which would hash replies of
  /// megabytes.
  private static let unknownBackendReplies = ["No such proxy.", "Can't find backend."]

  /// Reads the process and its backends: one exchange, unless a name is a frontend's too.
  ///
  /// - Throws: `.multipleProcesses` among others.
  package mutating func read(
    backends: [ProxyName]
  ) async throws(RuntimeError) -> RuntimeReading {
    let questions = backends.flatMap {
      [RuntimeCommand.showStatistics(of: $0), .showServersState(of: $0)]
    }
    let replies = try await ask([.showInfo] + questions)
    let process = try process(from: replies[0])
    var found: [String: RuntimeBackend] = [:]
    for (index, backend) in backends.enumerated() {
      let statistics = replies[1 + 2 * index]
      let state = replies[2 + 2 * index]
      guard !Self.unknownBackendReplies.contains(where: { $0 == statistics || $0 == state }) else {
        continue
      }
      found[backend.text] = try await status(of: backend, statistics: statistics, state: state)
    }
    return RuntimeReading(process: process, backends: found)
  }

  private mutating func status(
    of backend: ProxyName, statistics: String, state: String
  ) async throws(RuntimeError) -> RuntimeBackend? {
    let states = try parse(.showServersState(of: backend)) { () throws(MalformedReply) in
      try Table(serversState: state)
    }
    if let status = try join(backend, statistics, states, from: .showStatistics(of: backend)) {
      return status
    }
    // Where a frontend has the same name, `show stat` has shown that one.
    guard let number = states.rows.lazy.compactMap({ $0["be_id"].flatMap { Int($0) } }).first
    else { return nil }
    let command = RuntimeCommand.showStatistics(ofProxyNumber: number)
    let reply = try await ask(command)
    guard !Self.unknownBackendReplies.contains(reply) else { return nil }
    return try join(backend, reply, states, from: command)
  }

  private func join(
    _ backend: ProxyName, _ statistics: String, _ states: Table, from command: RuntimeCommand
  ) throws(RuntimeError) -> RuntimeBackend? {
    try parse(command) { () throws(MalformedReply) in
      try RuntimeBackend(
        named: backend.text, statistics: Table(statistics: statistics), states: states)
    }
  }
}
