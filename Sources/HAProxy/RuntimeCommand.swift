/// One command of the Runtime API: one line, and so one reply.
package struct RuntimeCommand: Hashable, Sendable {
  /// The command without its newline.
  package let line: String

  private init(_ line: String) { self.line = line }

  static let prompt = Self("prompt")
  /// Takes back what `stats socket … severity-output` puts before replies, for this connection.
  package static let plainReplies = Self("set severity-output none")
  package static let showInfo = Self("show info")
  package static let showBackends = Self("show backend")
  package static let showAccessLevel = Self("show cli level")

  /// Which rows of `show stat`: 2 for the backend's and 4 for its servers'.
  private static let backendAndServers = 6

  package static func showStatistics(of backend: ProxyName) -> Self {
    Self("show stat \(backend.text) \(backendAndServers) -1")
  }

  /// By number, for a backend whose name a frontend has too: by name HAProxy shows the frontend.
  package static func showStatistics(ofProxyNumber number: Int) -> Self {
    Self("show stat #\(number) \(backendAndServers) -1")
  }

  package static func showServersState(of backend: ProxyName) -> Self {
    Self("show servers state \(backend.text)")
  }

  package static func setWeight(of server: ProxyName, in backend: ProxyName, to weight: Int) -> Self
  {
    Self("set weight \(backend.text)/\(server.text) \(weight)")
  }
}

extension RuntimeCommand {
  /// Splits commands into what may be sent at once, in order.
  ///
  /// HAProxy takes what is pipelined from a buffer of 16 KiB; what exceeds it has been seen to
  /// hang in some versions, so a batch stays below half of that.
  package static func batches(
    of commands: [RuntimeCommand], count: Int = 100, bytes: Int = 8192
  ) -> [[RuntimeCommand]] {
    var batches: [[RuntimeCommand]] = []
    var batch: [RuntimeCommand] = []
    var size = 0
    for command in commands {
      let length = command.line.utf8.count + 1
      if !batch.isEmpty, batch.count == count || size + length > bytes {
        batches.append(batch)
        batch = []
        size = 0
      }
      batch.append(command)
      size += length
    }
    return batch.isEmpty ? batches : batches + [batch]
  }
}
