/// Every key that the configuration may have, by the object that it stands in.
///
/// The readers take keys from these lists alone, and a test holds them against the JSON Schema.
enum ConfigurationKeys {
  enum Present: String, CaseIterable {
    case interval, sources
    /// What `sources` was called while there was but one kind.
    case cadvisors
    case balancers, backends, mode, status, peers
    case onStop = "on_stop"
    /// For editors, which find the schema by it; it says nothing to evenkeel.
    case schema = "$schema"
  }

  enum Endpoint: String, CaseIterable {
    case url, host, kind, load, names, labels
    case caFile = "ca_file"
    case username
    case passwordFile = "password_file"
    case tokenFile = "token_file"
    case clientCertificateFile = "client_certificate_file"
    case clientKeyFile = "client_key_file"
    case serverName = "server_name"
    case replyLimit = "reply_limit"
  }

  enum Peer: String, CaseIterable {
    case url
    case tokenFile = "token_file"
    case caFile = "ca_file"
  }

  /// What finds hosts in the place of a list, and what is the same for all of them.
  enum Finding: String, CaseIterable {
    case servers, file
    case httpSD = "http_sd"
    case dns, kind, load, scheme, path, names
    case caFile = "ca_file"
    case username
    case passwordFile = "password_file"
    case tokenFile = "token_file"
    case clientCertificateFile = "client_certificate_file"
    case clientKeyFile = "client_key_file"
    case serverName = "server_name"
    case replyLimit = "reply_limit"
  }

  enum Servers: String, CaseIterable {
    case port
  }

  enum DNS: String, CaseIterable {
    case name, port, type
  }

  enum Balancer: String, CaseIterable {
    case name, address, write
  }

  enum Backend: String, CaseIterable {
    case name, pattern, label, server, match, balancers, strategy, mode, measure, weights
    case hold, respect
  }

  enum Status: String, CaseIterable {
    case listen, hosts, group
    case tokenFile = "token_file"
  }

  enum Weights: String, CaseIterable {
    case min, max
  }

  /// The form that the script of 2015 read.
  enum Form2015: String, CaseIterable {
    case pattern, backend
    case haproxySocket = "haproxy_socket"
    case urls
  }
}
