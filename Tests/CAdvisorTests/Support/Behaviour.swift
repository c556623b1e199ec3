import NIOCore

/// What the scripted server does with one request.
enum Behaviour: Sendable {
  /// A whole reply with a `Content-Length`.
  case answer(status: Int, headers: [String: String], body: ByteBuffer)
  /// A whole reply in chunks.
  case chunked(ByteBuffer)
  /// These bytes as they are; then the connection is closed, or left open.
  case raw(String, closes: Bool)
  /// A good head, then a byte every few milliseconds, for ever.
  case drip
  /// A head, then blanks as fast as they are taken, for ever.
  case endless(status: Int)
  /// Nothing.
  case silence
  /// The connection is closed without a word.
  case hangUp

  static func json(_ body: String, headers: [String: String] = [:]) -> Behaviour {
    json(ByteBuffer(string: body), headers: headers)
  }

  static func json(_ body: ByteBuffer, headers: [String: String] = [:]) -> Behaviour {
    .answer(
      status: 200, headers: headers.merging(["Content-Type": "application/json"]) { $1 },
      body: body)
  }

  static func text(_ status: Int, _ body: String, headers: [String: String] = [:]) -> Behaviour {
    .answer(
      status: status, headers: headers.merging(["Content-Type": "text/plain"]) { $1 },
      body: ByteBuffer(string: body))
  }
}
