package import Balancing

/// How one cAdvisor is reached.
package struct EndpointConfiguration: Sendable, Equatable {
  /// Its URL, which never holds a password.
  package let name: EndpointName
  /// The base URL, without a slash at the end.
  package let url: String
  /// The machine that it watches; no two endpoints have the same.
  package let host: HostName
  /// Path of the PEM file with the authorities that are trusted instead of the system's.
  package let caFile: String?
  package let username: String?
  /// Path of the file that holds the password; set if and only if `username` is.
  package let passwordFile: String?
}
