internal import Balancing
internal import Control

/// What `evenkeel check` found: plain values, in the form that `--json` prints.
///
/// An error is what keeps evenkeel from doing what the configuration asks for; a note is what somebody
/// should know, and may know already.
package struct CheckReport: Encodable, Sendable {
  package var version = 1
  /// Whether everything answers, and there is no error.
  package let ok: Bool
  package let endpoints: [Endpoint]
  /// What finds hosts in the place of a list.
  package let finders: [Finder]
  package let balancers: [Balancer]
  package var backends: [Backend]
  package let status: Status

  init(
    endpoints: [Endpoint], finders: [Finder] = [], balancers: [Balancer], backends: [Backend],
    status: Status
  ) {
    self.endpoints = endpoints
    self.finders = finders
    self.balancers = balancers
    self.backends = backends
    self.status = status
    let parts =
      endpoints.map(\.isGood) + finders.map { $0.failure == nil && $0.hosts > 0 }
      + balancers.map(\.isGood) + backends.map(\.isGood)
    ok = parts.allSatisfy(\.self)
  }

  package struct Endpoint: Encodable, Sendable {
    package var name: String
    package var host: String
    @OrNull package var cores: Double?
    @OrNull package var containers: Int?
    /// Why it gave no answer.
    @OrNull package var failure: String?
    /// By what its host was found; `nil` where it is listed.
    @OrNull package var origin: String? = nil
    package var errors: [String] = []
    package var notes: [String] = []

    var isGood: Bool { failure == nil && errors.isEmpty }
  }

  package struct Finder: Encodable, Sendable {
    package var origin: String
    package var hosts: Int
    /// Why it found none.
    @OrNull package var failure: String?
  }

  package struct Balancer: Encodable, Sendable {
    package var name: String
    package var address: String
    /// `admin`, `operator` or `user`.
    @OrNull package var level: String?
    @OrNull package var failure: String?
    /// All that it has, those that the configuration does not name among them.
    @OrNull package var backends: [String]?
    package var errors: [String] = []
    package var notes: [String] = []

    var isGood: Bool { failure == nil && errors.isEmpty }
  }

  package struct Backend: Encodable, Sendable {
    package var name: String
    package var mode: String
    package var strategy: String
    package var servers: [Server]
    /// Where a server has no container: those that no backend of the configuration has.
    package var containersWithoutServer: [Container] = []
    package var errors: [String] = []
    package var notes: [String] = []

    /// What would serve better by what was to be seen at this moment: another look may not.
    var advice: [String] = []

    var isGood: Bool { errors.isEmpty && servers.allSatisfy(\.errors.isEmpty) }
  }

  package struct Container: Encodable, Hashable, Sendable {
    package var container: String
    package var host: String
  }

  package struct Server: Encodable, Sendable {
    package var name: String
    package var state: String
    package var weight: Int
    @OrNull package var container: String?
    @OrNull package var host: String?
    /// The rule that matched them.
    @OrNull package var rule: String?
    @OrNull package var quotaCores: Double?
    /// Why the container's load, or its limit, is not known.
    @OrNull package var flaw: String?
    package var errors: [String] = []
    package var notes: [String] = []

    package var isEmptySlot: Bool { state == ServerState.unresolved.description }
  }

  /// Where the daemon shows what it does.
  package struct Status: Encodable, Sendable {
    package var listen: String
    package var notes: [String]
  }

  /// Whether a part could not be reached.
  package var isIncomplete: Bool {
    endpoints.contains { $0.failure != nil } || balancers.contains { $0.failure != nil }
  }

  /// Every error with the place that it is about; a line for all servers of a backend with the same.
  package var errors: [String] {
    finders.compactMap { finder in
      if let failure = finder.failure { return "\(finder.origin): \(failure)" }
      return finder.hosts == 0 ? "\(finder.origin): no host is found" : nil
    }
      + endpoints.flatMap { endpoint in endpoint.errors.map { "\(endpoint.name): \($0)" } }
      + balancers.flatMap { balancer in balancer.errors.map { "\(balancer.name): \($0)" } }
      + backends.flatMap { $0.lines(own: $0.errors, \.errors) }
  }

  /// The same of the notes.
  package var notes: [String] {
    endpoints.flatMap { endpoint in endpoint.notes.map { "\(endpoint.name): \($0)" } }
      + balancers.flatMap { balancer in balancer.notes.map { "\(balancer.name): \($0)" } }
      + backends.flatMap { $0.lines(own: $0.notes, \.notes) }
      + status.notes.map { "status: \($0)" }
  }

  /// What would serve better.
  package var advice: [String] {
    backends.flatMap { backend in backend.advice.map { "\(backend.name): \($0)" } }
  }
}

extension CheckReport.Backend {
  fileprivate func lines(
    own: [String], _ texts: (CheckReport.Server) -> [String]
  ) -> [String] {
    var servers: [(text: String, names: [String])] = []
    for server in self.servers {
      for text in texts(server) {
        if let index = servers.firstIndex(where: { $0.text == text }) {
          servers[index].names.append(server.name)
        } else {
          servers.append((text, [server.name]))
        }
      }
    }
    return servers.map { text, names in
      names.count == 1
        ? "\(name)/\(names[0]): \(text)" : "\(name): \(NamesText.few(names)): \(text)"
    } + own.map { "\(name): \($0)" }
  }
}
