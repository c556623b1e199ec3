package import Balancing
internal import CAdvisor
internal import CheckedJSON
package import Control
internal import Deadlines
internal import NIOCore
internal import Names

/// Finds hosts by every means of a configuration, again and again.
///
/// To ask takes time and changes nothing; what was answered is taken in between two ticks.
package struct HostFinder: Sendable {
  /// One means, and what it has found.
  package struct Entry: Sendable {
    package let configuration: FindingConfiguration
    package fileprivate(set) var list = FoundList()
    fileprivate var askedAt: Timestamp?
  }

  /// What the means answered, in their order; `nil` where it was not their turn.
  package struct Answers: Sendable {
    fileprivate var answers: [Result<FoundList.Answer, FindingFailure>?]
    fileprivate var at: Timestamp
  }

  package private(set) var entries: [Entry]
  private let sources: [Int: PageClient]
  private let resolver: NameResolver
  private let services = NameResolver.services
  private let patience: Duration
  /// HAProxys of other machines.
  private let remoteBalancers: Set<BalancerName>

  /// A server that keeps lists is asked no more often.
  private static let listPause = 30.0

  /// - Parameter sources: those to ask for lists, by the number of their means.
  init(
    _ configurations: [FindingConfiguration], sources: [Int: PageClient], resolver: NameResolver,
    patience: Duration, remoteBalancers: Set<BalancerName> = []
  ) {
    self.remoteBalancers = remoteBalancers
    entries = configurations.map { Entry(configuration: $0) }
    self.sources = sources
    self.resolver = resolver
    self.patience = patience
  }

  package var isIdle: Bool { entries.isEmpty }

  /// Whether the addresses of HAProxy's servers are wanted.
  package var wantsServers: Bool {
    entries.contains { if case .servers = $0.configuration.means { true } else { false } }
  }

  /// Goes on with what another one has found by the same means.
  mutating func inherit(from other: HostFinder) {
    for index in entries.indices {
      let same = other.entries.first { $0.configuration == entries[index].configuration }
      if let same { entries[index].list = same.list }
    }
  }

  /// Asks all whose turn it is at once, each within the deadline.
  ///
  /// - Parameter servers: what HAProxy said last of its servers; `nil` before it was asked.
  package func ask(
    servers: SeenServers?, within deadline: Duration, at now: Timestamp
  ) async -> Answers {
    let answers = await withTaskGroup(
      of: (Int, Result<FoundList.Answer, FindingFailure>).self
    ) { group in
      for (index, entry) in entries.enumerated() where isDue(entry, now, servers) {
        group.addTask {
          (index, await answer(index, entry.configuration, servers, within: deadline))
        }
      }
      var answers = [Result<FoundList.Answer, FindingFailure>?](
        repeating: nil, count: entries.count)
      for await (index, answer) in group { answers[index] = answer }
      return answers
    }
    return Answers(answers: answers, at: now)
  }

  /// Takes in what was answered.
  package mutating func take(_ answers: Answers) -> [ControlEvent] {
    var events: [ControlEvent] = []
    for (index, answer) in answers.answers.enumerated() where entries.indices.contains(index) {
      guard let answer else { continue }
      entries[index].askedAt = answers.at
      let origin = entries[index].configuration.origin
      for news in entries[index].list.take(answer, at: answers.at) {
        let count = entries[index].list.targets.count
        switch news {
        case .changed(let added, let gone):
          events.append(
            .hostsChanged(
              origin, added: added.map(\.host), gone: gone.map(\.host), count: count))
        case .failed(let reason): events.append(.findingFailed(origin, reason, kept: count))
        case .back: events.append(.findingBack(origin, count: count))
        }
      }
    }
    return events
  }

  /// What is to be read, without the hosts that are listed already.
  package func endpoints(beside listed: [EndpointConfiguration]) -> [EndpointConfiguration] {
    var hosts = Set(listed.map { $0.host.text.lowercased() })
    var urls = Set(listed.map(\.url))
    var found: [EndpointConfiguration] = []
    for entry in entries {
      var named = Set<String>()
      for target in entry.list.targets {
        // One that comes later at another port takes no name away.
        let isFirst = named.insert(target.host.lowercased()).inserted
        let host = isFirst ? target.host : "\(target.host):\(target.port)"
        let endpoint = entry.configuration.endpoint(at: target, called: host)
        guard !urls.contains(endpoint.url), hosts.insert(host.lowercased()).inserted else {
          continue
        }
        urls.insert(endpoint.url)
        found.append(endpoint)
      }
    }
    return found
  }

  private func isDue(_ entry: Entry, _ now: Timestamp, _ servers: SeenServers?) -> Bool {
    switch entry.configuration.means {
    case .servers: return servers != nil
    case .file, .name, .services: return true
    case .http:
      guard let askedAt = entry.askedAt, entry.list.failure == nil else { return true }
      return now.seconds(since: askedAt) >= Self.listPause
    }
  }
}

extension HostFinder {
  private func answer(
    _ index: Int, _ configuration: FindingConfiguration, _ servers: SeenServers?,
    within deadline: Duration
  ) async -> Result<FoundList.Answer, FindingFailure> {
    switch configuration.means {
    case .servers(let port):
      guard let servers, servers.isRead else {
        return .failure(FindingFailure("no HAProxy tells its servers' addresses"))
      }
      let hosts = servers.addresses(elsewhere: remoteBalancers).filter {
        SystemResolver.isAddress($0) && !Self.isNowhere($0)
      }
      return .success(
        FoundList.Answer(
          targets: hosts.sorted().map { FoundTarget(host: $0, port: port) },
          isWhole: servers.isWhole))
    case .file(let path): return Self.file(path)
    case .http(_, let query):
      guard let client = sources[index] else {
        return .failure(FindingFailure("there is nobody to ask"))
      }
      return await Self.list(client, query, within: deadline)
    case .services(let name):
      do {
        let places = try await services.addresses(of: name, within: patience)
        return .success(FoundList.Answer(targets: Self.targets(places)))
      } catch {
        return .failure(FindingFailure("\(error); check its spelling and the DNS"))
      }
    case .name(let name, let port):
      do {
        let addresses = try await resolver.addresses(of: name, within: patience)
        return .success(
          FoundList.Answer(targets: addresses.sorted().map { FoundTarget(host: $0, port: port) }))
      } catch {
        return .failure(FindingFailure("\(error); check its spelling and the DNS"))
      }
    }
  }

  /// What a service's records name that has no port of its own is none of its.
  private static func targets(_ places: [String]) -> [FoundTarget] {
    places.compactMap(HostAndPort.parse).map { FoundTarget(host: $0.host, port: $0.port) }
  }

  /// What stands for no address at all.
  private static func isNowhere(_ address: String) -> Bool {
    ["0.0.0.0", "::"].contains(address)
  }

  private static func file(_ path: String) -> Result<FoundList.Answer, FindingFailure> {
    do throws(RegularFile.Failure) {
      let bytes = try RegularFile.read(path, limit: TargetGroups.largest)
      return groups(bytes, of: path, as: TargetGroups.Format(ofFile: path))
    } catch {
      return .failure(FindingFailure("\(path) \(error)"))
    }
  }

  private static func list(
    _ client: PageClient, _ query: String?, within deadline: Duration
  ) async -> Result<FoundList.Answer, FindingFailure> {
    do {
      let bytes = try await withDeadline(after: deadline, clock: ContinuousClock()) {
        try await client.read(
          query.map { "?\($0)" } ?? "", accept: "application/json", into: WholePage()
        ).bytes
      }
      return groups(bytes, of: client.endpoint.url)
    } catch let error as CAdvisorError {
      return .failure(FindingFailure(PortFailure(error, from: .list).description))
    } catch is DeadlineExceeded {
      return .failure(FindingFailure("\(client.endpoint.url): no answer in time"))
    } catch {
      return .failure(FindingFailure("\(client.endpoint.url): given up"))
    }
  }

  private static func groups(
    _ bytes: [UInt8], of file: String, as format: TargetGroups.Format = .json
  ) -> Result<FoundList.Answer, FindingFailure> {
    do {
      let targets = try TargetGroups.parse(bytes, of: file, as: format)
      return .success(FoundList.Answer(targets: targets))
    } catch {
      let first = error.problems.first.map { "\($0)" } ?? "cannot be read"
      let more = error.problems.count > 1 ? " (and \(error.problems.count - 1) more)" : ""
      return .failure(FindingFailure("\(file): \(first)\(more)"))
    }
  }
}
