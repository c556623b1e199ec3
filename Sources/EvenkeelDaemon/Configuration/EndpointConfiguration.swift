package import Balancing
package import CAdvisor

/// How one cAdvisor is reached.
package struct EndpointConfiguration: Sendable, Equatable {
  /// Its URL, which never holds a password.
  package let name: EndpointName
  /// The base URL, without a slash at the end.
  package let url: String
  /// The machine that it watches; no two endpoints have the same.
  package let host: HostName
  /// Path of the PEM file with the authorities that are trusted instead of the system's.
  package var caFile: String?
  /// The certificate to show, and the path of its key.
  package var clientCertificate: ClientCertificate?
  /// The name that its certificate must have, where that is not the URL's host.
  package var serverName: String?
  package var credentials: Credentials?
  /// The largest reply that is read, in bytes, within `allowedReplyLimits`; `nil` for the usual.
  package var replyLimit: Int?

  package static let allowedReplyLimits = (1 << 20)...(1 << 30)

  /// What a proxy in front of it wants to know.
  package enum Credentials: Sendable, Equatable {
    case basic(username: String, passwordFile: String)
    case bearer(tokenFile: String)
  }

  package init(
    name: EndpointName, url: String, host: HostName, caFile: String? = nil,
    clientCertificate: ClientCertificate? = nil, serverName: String? = nil,
    credentials: Credentials? = nil, replyLimit: Int? = nil
  ) {
    self.name = name
    self.url = url
    self.host = host
    self.caFile = caFile
    self.clientCertificate = clientCertificate
    self.serverName = serverName
    self.credentials = credentials
    self.replyLimit = replyLimit
  }
}
