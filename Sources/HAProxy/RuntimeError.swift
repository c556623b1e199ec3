/// Why HAProxy's Runtime API gave no answer that can be used.
///
/// Its `description` is a sentence for an operator that says what to change.
public struct RuntimeError: Error, Hashable, Sendable {
  /// What went wrong, for a program to act upon. More cases may come: keep a `default`.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// There is no socket at this path.
    case notFound
    /// The host's name has no address, or nobody tells it.
    case nameNotResolved
    /// Nobody listens: HAProxy has stopped. A unix socket's file stays behind.
    case connectionRefused
    /// The operating system does not let this user open the socket.
    case permissionDenied
    /// As many connections wait as the socket takes. It may have gone at the next try.
    case backlogFull
    /// This is the master process's socket (`-S`), which knows no servers.
    case masterSocket
    /// The connection ended before the last reply was complete.
    case endedEarly
    /// The replies were longer than the client's limit.
    case replyTooLong
    /// A reply is not what this command answers.
    case malformed
    /// HAProxy allows no such name. Nothing was sent.
    case invalidName
    /// HAProxy runs as several processes (`nbproc`), each with weights of its own.
    case multipleProcesses
    /// The connection was not established in time.
    case timedOut
    /// The calling task was cancelled.
    case cancelled
    /// Anything else, told by `underlying`.
    case other
  }

  /// What went wrong.
  public let kind: Kind
  /// Whose socket it was.
  public let address: RuntimeAddress
  /// The command that was to be answered; `nil` when it failed before there was one.
  public let command: String?
  /// The cause in the words of whoever reported it; may be empty.
  public let underlying: String

  package init(
    _ kind: Kind, at address: RuntimeAddress, command: String? = nil, underlying: String = ""
  ) {
    self.kind = kind
    self.address = address
    self.command = command
    self.underlying = underlying
  }
}

extension RuntimeError: CustomStringConvertible {
  /// What is wrong, where, and what to do about it.
  public var description: String {
    let place = command.map { "\(address): `\($0)`" } ?? "\(address)"
    let detail = underlying.isEmpty ? "" : " (\(underlying))"
    return "\(place): \(sentence)\(detail)"
  }

  private var sentence: String {
    switch kind {
    case .notFound:
      """
      there is no such socket; check the path, that HAProxy runs, and that its section `global` \
      has a line `stats socket … level admin` for it
      """
    case .nameNotResolved:
      "the host's name is not resolved; check its spelling and the DNS, or write its address"
    case .connectionRefused:
      "nobody listens here; check that HAProxy runs and that this is the address of a `stats socket`"
    case .permissionDenied:
      """
      this user may not open the socket; add the user to the socket's group, or set `group` and \
      `mode 660` on HAProxy's `stats socket` line
      """
    case .backlogFull:
      """
      the queue of waiting connections is full; HAProxy hangs, or other programs hold all its \
      places (`stats maxconn`, 10 unless set)
      """
    case .masterSocket:
      """
      this is the socket of HAProxy's master process (`-S`); use the address of a \
      `stats socket … level admin` instead
      """
    case .endedEarly:
      "the connection ended before the reply was complete; HAProxy was reloaded or stopped meanwhile"
    case .replyTooLong:
      "the reply is longer than allowed; check that this is HAProxy's socket, or raise the limit"
    case .malformed:
      "the reply is not what HAProxy answers; check that this is the address of a `stats socket`"
    case .invalidName:
      "HAProxy's names have only letters, digits, `-`, `_`, `.` and `:`; nothing was sent"
    case .multipleProcesses:
      """
      HAProxy runs as several processes, each with weights of its own; remove `nbproc` and use \
      threads (`nbthread`)
      """
    case .timedOut:
      "the connection was not established in time; check the address and the network in between"
    case .cancelled:
      "given up before an answer came"
    case .other:
      "the Runtime API could not be used"
    }
  }
}
