import CheckedJSON

extension BalancerConfiguration.Address {
  struct Invalid: Error, Equatable {
    let message: String
    let hint: String
  }

  /// The longest path that Linux takes for a socket's address, in bytes.
  static let maximumPathLength = 107

  static let form = "allowed: unix:/PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT"

  /// Reads `unix:/PATH` or `tcp:HOST:PORT`.
  init(parsing text: String) throws(Invalid) {
    if text.hasPrefix("unix:") {
      self = try .unix(socket: String(text.dropFirst("unix:".count)))
    } else if text.hasPrefix("tcp:") {
      self = try .tcp(authority: text.dropFirst("tcp:".count))
    } else {
      throw Invalid(
        message: "\(QuotedText(text)) begins neither with unix: nor with tcp:",
        hint: text.hasPrefix("/") ? "write \(QuotedText("unix:" + text))" : Self.form)
    }
  }

  /// Checks the path of a UNIX socket.
  static func unix(socket path: String) throws(Invalid) -> Self {
    guard path.hasPrefix("/") else {
      throw Invalid(
        message: "\(QuotedText(path)) is no absolute path",
        hint: "allowed: a path that begins with /")
    }
    guard path.utf8.count <= maximumPathLength else {
      throw Invalid(
        message: "has a path of \(path.utf8.count) bytes, too long for a socket",
        hint: "allowed: up to \(maximumPathLength) bytes")
    }
    return .unix(path: path)
  }

  /// Checks `HOST:PORT` or `[IPV6]:PORT`.
  ///
  /// - Parameter form: what is allowed, for an error's hint.
  static func tcp(
    authority: Substring, ports: ClosedRange<Int> = 1...65_535, form: String = form
  ) throws(Invalid) -> Self {
    guard let colon = authority.lastIndex(of: ":") else {
      throw Invalid(message: "\(QuotedText(String(authority))) has no port", hint: form)
    }
    let digits = authority[authority.index(after: colon)...]
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits),
      ports.contains(port)
    else {
      throw Invalid(
        message: "\(QuotedText(String(digits))) is no port",
        hint: "allowed: \(ports.lowerBound)…\(ports.upperBound) after the last `:`")
    }
    var host = authority[..<colon]
    let hasBrackets = host.hasPrefix("[") && host.hasSuffix("]")
    if hasBrackets { host = host.dropFirst().dropLast() }
    guard hasBrackets == host.contains(":") else {
      throw Invalid(
        message: "\(QuotedText(String(authority))) must have brackets around an IPv6 address only",
        hint: form)
    }
    guard !host.isEmpty, host.unicodeScalars.allSatisfy(HAProxyNames.allow) else {
      throw Invalid(message: "\(QuotedText(String(host))) is no host", hint: form)
    }
    return .tcp(host: String(host), port: port)
  }
}
