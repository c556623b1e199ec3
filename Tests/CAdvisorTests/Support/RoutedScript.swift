import Synchronization

/// A script by route (`GET /api/v1.3/machine`) that a test can change between questions.
final class RoutedScript: Sendable {
  private let routes: Mutex<[String: Behaviour]>

  init(_ routes: [String: Behaviour]) { self.routes = Mutex(routes) }

  static let containers = "GET /api/v2.1/stats"
  static let host = "GET /api/v2.1/machinestats"
  static let specs = "POST /api/v1.3/docker/"
  static let cgroups = "POST /api/v1.3/subcontainers/"
  static let machine = "GET /api/v1.3/machine"

  /// All five questions, answered by a real cAdvisor.
  static func captured() throws -> RoutedScript {
    RoutedScript([
      containers: .json(try CapturedReply.body("v2.1-stats-docker-count1.json")),
      host: .json(try CapturedReply.body("v2.1-machinestats-count2.json")),
      specs: .json(try CapturedReply.body("v1.3-docker-num0.json")),
      cgroups: .json(try CapturedReply.body("v1.3-subcontainers-root-num0.json")),
      machine: .json(try CapturedReply.body("v1.3-machine.json")),
    ])
  }

  func set(_ route: String, _ behaviour: Behaviour) {
    routes.withLock { $0[route] = behaviour }
  }

  func behaviour(for request: ReceivedRequest) -> Behaviour {
    routes.withLock { $0[request.route] } ?? .text(404, "404 page not found\n")
  }
}
