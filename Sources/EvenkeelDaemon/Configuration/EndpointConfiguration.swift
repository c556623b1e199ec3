package import Balancing
package import CAdvisor

/// How one source of load is reached, and what is read there.
package struct EndpointConfiguration: Sendable, Equatable {
  /// Its URL, which never holds a password, and what tells it from others of the same URL.
  package let name: EndpointName
  /// The base URL, without a slash at the end, and without a query.
  package let url: String
  /// The machine that it watches; no two endpoints have the same.
  package let host: HostName
  package var kind = SourceKind.cadvisor
  /// Where in the configuration it stands: `sources[0]`.
  package var place = ""
  /// By what it was found; `nil` where it is listed.
  package var origin: String?
  /// Path of the PEM file with the authorities that are trusted instead of the system's.
  package var caFile: String?
  /// The certificate to show, and the path of its key.
  package var clientCertificate: ClientCertificate?
  /// The name that its certificate must have, where that is not the URL's host.
  package var serverName: String?
  package var credentials: Credentials?
  /// The largest reply that is read, in bytes, within `allowedReplyLimits`; `nil` for the usual.
  package var replyLimit: Int?
  /// What is read of it, where it matters: `nil` is for the source to decide.
  package var scope: SourceScope?
  /// What follows the `?` of a page's URL.
  package var query: String?
  /// What a page's series and labels are called, where that is not as usual.
  package var names = MetricNames()
  /// Labels that a page's series must have with these values to be of this host.
  package var labels: [String: String] = [:]
  /// The name or address of the machine, where the URL leads to another.
  package var machine: String?
  /// Why it is not asked, in words; `nil` where it can be.
  package var refusal: String?

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

  /// Where it stands is no part of what it is: the same list may be given by its old name.
  package static func == (left: Self, right: Self) -> Bool {
    left.name == right.name && left.url == right.url && left.host == right.host
      && left.kind == right.kind && left.caFile == right.caFile
      && left.clientCertificate == right.clientCertificate
      && left.serverName == right.serverName && left.credentials == right.credentials
      && left.replyLimit == right.replyLimit && left.scope == right.scope
      && left.query == right.query && left.names == right.names && left.labels == right.labels
      && left.machine == right.machine && left.refusal == right.refusal
  }
}
