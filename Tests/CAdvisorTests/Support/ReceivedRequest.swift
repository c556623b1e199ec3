import NIOHTTP1

/// One request as it reached the scripted server.
struct ReceivedRequest: Equatable, Sendable {
  var method: HTTPMethod
  var uri: String
  var headers: HTTPHeaders
  var body: String
  /// The connection's number, from 0 in the order of their coming.
  var connection: Int
  /// The request's number on its connection, from 0.
  var indexOnConnection: Int

  /// Method and path without the query.
  var route: String { "\(method.rawValue) \(uri.prefix { $0 != "?" })" }
}
