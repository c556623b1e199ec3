package import Balancing

/// How another evenkeel is reached, whose balancers send to the same servers.
package struct PeerConfiguration: Sendable, Equatable {
  /// Its host and port, by which it is shown.
  package let name: BalancerName
  /// The base URL of its status, without a slash at the end, or `unix:/PATH` of its socket.
  package let url: String
  /// Path of the file with the token that it asks for.
  package var tokenFile: String?
  /// Path of the PEM file with the authorities that are trusted instead of the system's.
  package var caFile: String?

  /// Which of the addresses of its URL's name it is; `nil` where there is one.
  package var address: String?
  /// The entry that it was found by, where that has several addresses.
  package var listedAs: BalancerName?

  static let socketScheme = "unix:"

  /// Whether it is on this machine, by its address.
  var isNear: Bool {
    url.hasPrefix(Self.socketScheme)
      || (try? EndpointURL(url)).map { LocalAddress.isLoopback($0.host) } ?? false
  }
}
