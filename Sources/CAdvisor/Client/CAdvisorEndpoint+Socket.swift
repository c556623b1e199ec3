extension CAdvisorEndpoint {
  /// A service that is asked over a socket of this machine.
  ///
  /// - Parameter path: of the socket.
  package init(socket path: String) {
    self.init(
      url: "unix:\(path)", host: "127.0.0.1", port: 0,
      requestURL: "http+unix://\(PercentCoding.coded(path))")
  }

  var isSocket: Bool { url.hasPrefix("unix:") }
}

/// When something was read, as text.
package enum ReadingTime {
  /// Nanoseconds since 1970 of a time in RFC 3339; `nil` where it is none.
  package static func nanoseconds(_ text: String) -> Int64? {
    RFC3339.nanoseconds(text)
  }
}
