internal import Glibc

/// The system's own look-up of names, with all that `/etc/nsswitch.conf` says.
package enum SystemResolver {
  /// Whether a host is written as an address, which needs no look-up.
  package static func isAddress(_ host: String) -> Bool {
    var address = in_addr()
    return unsafe inet_pton(AF_INET, host, &address) == 1 || host.contains(":")
  }

  /// Blocks until there is an answer.
  ///
  /// - Returns: addresses without repetitions, in the order in which they should be tried (RFC 6724).
  package static func addresses(of name: String) -> Result<[String], NameFailure.Reason> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(name, nil, &hints, &found)
    defer { if let first = unsafe found { unsafe freeaddrinfo(first) } }
    guard status == 0 else { return .failure(reason(status)) }
    var addresses: [String] = []
    var entry = unsafe found
    while let current = unsafe entry {
      if let text = unsafe text(of: current.pointee), !addresses.contains(text) {
        addresses.append(text)
      }
      unsafe entry = current.pointee.ai_next
    }
    return addresses.isEmpty ? .failure(.unknown("it has no address")) : .success(addresses)
  }

  /// `EAI_NODATA`, which is GNU's own: the name exists, without an address.
  private static let noData: CInt = -5

  private static func reason(_ status: CInt) -> NameFailure.Reason {
    let words =
      if let text = unsafe gai_strerror(status) {
        unsafe String(cString: text)
      } else {
        "error \(status)"
      }
    return [EAI_NONAME, noData].contains(status) ? .unknown(words) : .unanswered(words)
  }

  private static func text(of entry: addrinfo) -> String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = unsafe getnameinfo(
      entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
    guard status == 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
