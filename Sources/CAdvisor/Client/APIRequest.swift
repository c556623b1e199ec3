import NIOHTTP1

/// One question to cAdvisor, as it goes over the wire.
struct APIRequest: Equatable, Sendable {
  var method: HTTPMethod
  /// What follows the endpoint's URL, query included.
  var path: String
  var body: String?

  static func get(_ path: String) -> APIRequest { APIRequest(method: .GET, path: path) }

  static func post(_ path: String, _ body: String) -> APIRequest {
    APIRequest(method: .POST, path: path, body: body)
  }
}

extension APIRequest {
  /// All Docker containers with one sample each: the history is kept here, not there.
  static func containers(_ version: APIVersion, maxAge: Duration) -> APIRequest {
    switch version {
    case .v2_1:
      get("/api/v2.1/stats?type=docker&recursive=true&count=1&max_age=\(goDuration(maxAge))")
    case .v1_3:
      post("/api/v1.3/docker/", #"{"num_stats":1}"#)
    }
  }

  /// The machine as a whole, which version 2.1 leaves out of its stats.
  static func host(_ version: APIVersion, maxAge: Duration) -> APIRequest {
    switch version {
    case .v2_1: get("/api/v2.1/machinestats?count=1&max_age=\(goDuration(maxAge))")
    case .v1_3: post("/api/v1.3/containers/", #"{"num_stats":1}"#)
    }
  }

  /// The containers' limits; version 2 drops quota and period on its way.
  static let specs = post("/api/v1.3/docker/", #"{"num_stats":0}"#)

  /// The machine's hardware.
  static let machine = get("/api/v1.3/machine")

  /// Go's notation, in whole milliseconds between nothing and an hour.
  private static func goDuration(_ duration: Duration) -> String {
    let bounded = min(max(duration, .zero), .seconds(3600)).components
    return "\(bounded.seconds * 1000 + bounded.attoseconds / 1_000_000_000_000_000)ms"
  }
}

extension APIRequest: CustomStringConvertible {
  var description: String { "\(method.rawValue) \(path)" }
}
