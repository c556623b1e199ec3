/// Why the demo could not run, or not to its end.
package struct DemoError: Error, CustomStringConvertible {
  package enum Kind: Hashable, Sendable {
    case tooShort(seconds: Int)
    case haproxyMissing
    case haproxyNotExecutable(path: String)
    /// The guardian could not make its folder.
    case noTemporaryFolder(messages: [String])
    case socketPathTooLong(path: String)
    /// HAProxy ended while it was needed; its last words.
    case haproxyEnded(messages: [String])
    case noReply
    case noFreePort
    /// Whoever read the demo's output is gone.
    case outputClosed
  }

  package let kind: Kind

  package init(_ kind: Kind) { self.kind = kind }

  package var description: String {
    switch kind {
    case .tooShort(let seconds):
      "\(seconds) s are too short for a before and an after; "
        + "give --seconds at least \(DemoOptions.minimumSeconds)"
    case .haproxyMissing:
      "no haproxy in PATH, /usr/sbin or /usr/local/sbin; install it with: apt-get install haproxy"
    case .haproxyNotExecutable(let path):
      "\(path) is not a program that can be run; give the path of HAProxy's binary"
    case .noTemporaryFolder(let messages):
      "no temporary folder could be made (\(Self.joined(messages))); "
        + "set TMPDIR to a folder that can be written"
    case .socketPathTooLong(let path):
      "the path of HAProxy's socket is longer than the system allows (\(path)); "
        + "set TMPDIR to a folder with a shorter path"
    case .haproxyEnded(let messages):
      "HAProxy ended too early: \(Self.joined(messages))"
    case .noReply:
      "HAProxy started but answered no request within \(Stage.readinessLimit)"
    case .noFreePort:
      "no port is free on 127.0.0.1"
    case .outputClosed:
      "standard output was closed"
    }
  }

  /// Whether HAProxy could not have the port that it was given.
  var isPortTaken: Bool {
    guard case .haproxyEnded(let messages) = kind else { return false }
    return messages.contains { $0.contains("Address already in use") }
  }

  private static func joined(_ messages: [String]) -> String {
    messages.isEmpty ? "it said nothing" : messages.joined(separator: "; ")
  }
}
