internal import Hummingbird

/// All that there is to ask for.
enum StatusPath: String, CaseIterable {
  case page = "/"
  case health = "/healthz"
  case readiness = "/readyz"
  case metrics = "/metrics"
  case status = "/api/v1/status"
  case history = "/api/v1/history"
  case explanation = "/api/v1/explain"
  case events = "/api/v1/events"
  /// For other daemons.
  case peer = "/api/v1/peer"

  /// The resource at a path, slashes that mean nothing aside.
  init?(_ path: String) {
    let parts = path.split(separator: "/")
    self.init(rawValue: "/" + parts.joined(separator: "/"))
  }

  var route: RouterPath { RouterPath(rawValue) }
}
