/// What the user may choose.
package struct DemoOptions: Sendable {
  /// A shorter run would leave nothing to measure.
  package static let minimumSeconds = 10

  /// How long the demo runs; `nil`: until it is told to stop.
  package var seconds: Int?
  /// Prints only the summary, as JSON; progress goes to standard error.
  package var json: Bool
  /// The program to run; `nil`: the first `haproxy` in `PATH`, `/usr/sbin` or `/usr/local/sbin`.
  package var haproxyPath: String?

  package init(seconds: Int? = nil, json: Bool = false, haproxyPath: String? = nil) {
    self.seconds = seconds
    self.json = json
    self.haproxyPath = haproxyPath
  }
}
