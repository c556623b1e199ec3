extension CAdvisorEndpoint {
  /// A service that is asked over a socket of this machine.
  ///
  /// - Parameter path: of the socket.
  package init(socket path: String) {
    let coded = path.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        return String(UnicodeScalar(byte))
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "%0\(hex)" : "%\(hex)"
      }
    }
    self.init(
      url: "unix:\(path)", host: "127.0.0.1", port: 0,
      requestURL: "http+unix://\(coded.joined())")
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
