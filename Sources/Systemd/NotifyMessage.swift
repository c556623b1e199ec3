/// One thing that a service tells systemd about itself, in the form of sd_notify(3).
package enum NotifyMessage: Hashable, Sendable {
  /// Start-up or a reload is done, also when the reload was refused.
  case ready
  /// A reload began at this time of CLOCK_MONOTONIC. Without a later `ready` the unit stays
  /// `reloading` for good.
  case reloading(atMicroseconds: UInt64)
  case stopping
  /// What `systemctl status` shows as one line.
  case status(String)
  case watchdog
  /// The `errno` of what went wrong; 0 clears it, nothing else does.
  case errno(Int32)

  /// The longest status sent. systemd drops a message over 4,096 bytes whole and silently.
  package static let maximumStatusBytes = 1_000

  /// The assignments that systemd reads.
  package var assignments: String {
    switch self {
    case .ready: "READY=1"
    case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)"
    case .stopping: "STOPPING=1"
    case .status(let text): "STATUS=\(Self.statusLine(text))"
    case .watchdog: "WATCHDOG=1"
    case .errno(let code): "ERRNO=\(code)"
    }
  }

  /// A line break would begin another assignment, and a NUL would end the message.
  private static func statusLine(_ text: String) -> String {
    let words = text.unicodeScalars.split { $0.isControl }
    let line = words.map { String($0) }.joined(separator: " ")
    guard line.utf8.count > maximumStatusBytes else { return line }
    let ellipsis = "…"
    var kept = 0
    var end = line.startIndex
    while end < line.endIndex {
      let next = line.index(after: end)
      kept += line[end..<next].utf8.count
      guard kept + ellipsis.utf8.count <= maximumStatusBytes else { break }
      end = next
    }
    return line[..<end] + ellipsis
  }
}
