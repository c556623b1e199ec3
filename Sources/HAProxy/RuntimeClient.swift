public import NIOCore
package import Names

/// A client of HAProxy's Runtime API (`stats socket`), for versions 2.0 and later.
///
/// Each call opens a connection, asks everything at once and closes it: a connection kept open
/// would go on talking to the old process after a reload, and hold one of few places.
///
/// The client keeps no deadline but that of connecting, since a HAProxy that hangs still accepts
/// connections: cancel the calling task to end a call at once. Commands that were sent by then may
/// still take effect.
public struct RuntimeClient: Sendable {
  /// Where HAProxy listens.
  public let address: RuntimeAddress
  private let connection: RuntimeConnection

  /// Makes a client; nothing is opened before the first call.
  ///
  /// - Parameters:
  ///   - address: a socket of the process itself, not of its master (`-S`).
  ///   - group: runs the connections; it must live longer than the client is used.
  ///   - connectTimeout: how long establishing a connection may take, and before it the look-up of
  ///     a name that is not known yet.
  ///   - replyLimit: the most bytes that one call may receive, 64 MiB by default.
  public init(
    address: RuntimeAddress, group: any EventLoopGroup, connectTimeout: Duration = .seconds(1),
    replyLimit: Int = 64 << 20
  ) {
    self.init(
      address: address, group: group, connectTimeout: connectTimeout, replyLimit: replyLimit,
      resolver: .shared)
  }

  package init(
    address: RuntimeAddress, group: any EventLoopGroup, connectTimeout: Duration = .seconds(1),
    replyLimit: Int = 64 << 20, resolver: NameResolver
  ) {
    self.address = address
    connection = RuntimeConnection(
      address: address, group: group, connectTimeout: connectTimeout, replyLimit: replyLimit,
      resolver: resolver)
  }

  /// Reads the process and the named backends with all their servers, on one connection.
  ///
  /// - Returns: a reading without the backends that HAProxy does not know.
  public func read(backends: [String]) async throws(RuntimeError) -> RuntimeReading {
    var names: [ProxyName] = []
    for backend in backends { names.append(try ProxyName(backend, at: address)) }
    return try await connection.withSession { session throws(RuntimeError) in
      try await session.read(backends: names)
    }
  }

  /// Sets weights, unless the process is stopping or is another than the one expected.
  ///
  /// Assignments are independent of one another: those that HAProxy takes stay, whatever becomes of
  /// the others. `.processChanged` for all means that nothing was written. It also stands for the
  /// rest when a reload comes in between; what was written until then went down with the old
  /// process.
  ///
  /// - Parameter expected: the process for which the weights were worked out; `nil` for any.
  /// - Returns: one result for each assignment, in order.
  public func setWeights(
    _ weights: [WeightAssignment], ifProcess expected: RuntimeProcess.Identity?
  ) async throws(RuntimeError) -> [WeightResult] {
    var commands: [RuntimeCommand] = []
    for weight in weights {
      commands.append(
        .setWeight(
          of: try ProxyName(weight.server, at: address),
          in: try ProxyName(weight.backend, at: address),
          to: weight.weight))
    }
    guard !commands.isEmpty else { return [] }
    return try await connection.withSession { [commands] session throws(RuntimeError) in
      try await session.setWeights(commands, ifProcess: expected)
    }
  }

  /// Asks what the socket lets its users do.
  public func accessLevel() async throws(RuntimeError) -> AccessLevel {
    try await connection.withSession { session throws(RuntimeError) in
      let reply = try await session.ask(.showAccessLevel)
      return try session.parse(.showAccessLevel) { () throws(MalformedReply) in
        guard let level = AccessLevel(rawValue: reply) else {
          throw MalformedReply(expected: "a level", found: reply)
        }
        return level
      }
    }
  }

  /// Lists the names of all backends, in the order of the configuration.
  public func listBackends() async throws(RuntimeError) -> [String] {
    try await connection.withSession { session throws(RuntimeError) in
      let reply = try await session.ask(.showBackends)
      return try session.parse(.showBackends) { () throws(MalformedReply) in
        let lines = reply.split(separator: "\n")
        guard lines.first == "# name" else {
          throw MalformedReply(expected: "a list of backends", found: reply)
        }
        return lines.dropFirst().map { String($0) }
      }
    }
  }
}
