/// Addresses that are no machine's alone: each network gives out its own, as a bridge of containers does.
enum PrivateAddress {
  /// - Parameter address: an IPv4 or IPv6 address as it is usually written.
  static func isPrivate(_ address: String) -> Bool {
    if address.contains(":") {
      let start = address.lowercased().prefix { $0 != ":" }
      // fc00::/7 and fe80::/10.
      return start.count == 4
        && ["fc", "fd", "fe8", "fe9", "fea", "feb"].contains(where: start.hasPrefix)
    }
    let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4, let first = parts[0], let second = parts[1] else { return false }
    return switch first {
    case 10, 127: true
    case 100: (64...127).contains(second)
    case 169: second == 254
    case 172: (16...31).contains(second)
    case 192: second == 168
    default: false
    }
  }
}
