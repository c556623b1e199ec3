import NIOHTTP1

/// One question to cAdvisor, as it goes over the wire.
struct APIRequest: Equatable, Sendable {
  var method: HTTPMethod
  /// What follows the endpoint's URL, query included.
  var path: String
  var body: String?
  /// What it wants to be answered in.
  var accept = "application/json"
  /// The longest wait for the reply's head; `nil` leaves it to the caller's deadline.
  var patience: Duration?
  /// Whether the connection ends with the answer.
  var closesConnection = false
  /// Whether the query may have a secret in it, and is not to be told.
  var hidesQuery = false

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

  /// One container with one sample, which version 2.1 alone can be asked for.
  static func container(_ id: String, maxAge: Duration) -> APIRequest {
    get("/api/v2.1/stats\(escaped(id))?type=name&count=1&max_age=\(goDuration(maxAge))")
  }

  /// The machine as a whole, which version 2.1 leaves out of its stats.
  static func host(_ version: APIVersion, maxAge: Duration) -> APIRequest {
    switch version {
    case .v2_1: get("/api/v2.1/machinestats?count=1&max_age=\(goDuration(maxAge))")
    case .v1_3: post("/api/v1.3/containers/", #"{"num_stats":1}"#)
    }
  }

  /// The containers' limits; version 2 drops quota and period on its way.
  static func specs(_ form: QuestionForm) -> APIRequest {
    form.request("/api/v1.3/docker/", #"{"num_stats":0}"#)
  }

  /// Every cgroup, for the limits of those that containers are in. It is done without where it
  /// takes long.
  static func cgroups(_ form: QuestionForm) -> APIRequest {
    var request = form.request("/api/v1.3/subcontainers/", #"{"num_stats":0}"#)
    request.patience = .seconds(1)
    return request
  }

  /// The machine's hardware.
  static let machine = get("/api/v1.3/machine")

  /// The same. What is asked next goes over another connection, which shows whether another machine
  /// answers there.
  static let machineAtLast = {
    var request = machine
    request.closesConnection = true
    return request
  }()

  /// A path as it stands in a URL (RFC 3986, 3.3).
  private static func escaped(_ path: String) -> String {
    PercentCoding.coded(path, keeping: "/:@")
  }

  /// Go's notation, in whole milliseconds between nothing and an hour.
  private static func goDuration(_ duration: Duration) -> String {
    let bounded = min(max(duration, .zero), .seconds(3600)).components
    return "\(bounded.seconds * 1000 + bounded.attoseconds / 1_000_000_000_000_000)ms"
  }
}

/// How a question with a body is asked. cAdvisor takes any method; what stands before it may not.
enum QuestionForm: CaseIterable, Sendable {
  case post
  case getWithBody
  /// Without the body cAdvisor answers the same, and all samples of the last minute with it.
  case get

  /// The form to try where this one was refused.
  var next: QuestionForm? {
    switch self {
    case .post: .getWithBody
    case .getWithBody: .get
    case .get: nil
    }
  }

  fileprivate func request(_ path: String, _ body: String) -> APIRequest {
    switch self {
    case .post: .post(path, body)
    case .getWithBody: APIRequest(method: .GET, path: path, body: body)
    case .get: .get(path)
    }
  }
}

extension APIRequest: CustomStringConvertible {
  var description: String {
    "\(method.rawValue) \(hidesQuery ? path.prefix { $0 != "?" } : path[...])"
  }
}
