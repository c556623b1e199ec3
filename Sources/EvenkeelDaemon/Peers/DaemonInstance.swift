/// By which a daemon knows itself among its peers, whatever address leads to it.
package enum DaemonInstance {
  /// Another one in each run.
  package static let current = String(
    (0..<4).map { _ in String(UInt32.random(in: 0 ... .max), radix: 36) }.joined(separator: "-"))
}
