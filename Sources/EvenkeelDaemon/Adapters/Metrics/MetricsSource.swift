package import Balancing
package import CAdvisor
package import Control
internal import Synchronization

/// A page in Prometheus' text format as `Control` reads it: cAdvisor's own, a kubelet's,
/// node_exporter's, or what a Prometheus hands on of one of them.
package struct MetricsSource: LoadSource {
  package let name: EndpointName
  package let host: HostName
  private let client: PageClient
  private let request: MetricsRequest
  private let addresses: EndpointAddresses
  private let clock: SteadyClock
  private let memory = Memory()

  /// Of a page that once had containers, those are what is read.
  private final class Memory: Sendable {
    let hasSeenContainers = Mutex(false)
  }

  package init(
    name: EndpointName, host: HostName, client: PageClient, request: MetricsRequest,
    addresses: EndpointAddresses, clock: SteadyClock
  ) {
    self.name = name
    self.host = host
    self.client = client
    self.request = request
    self.addresses = addresses
    self.clock = clock
  }

  package func read() async throws(PortFailure) -> HostReading {
    let isOfContainers = memory.hasSeenContainers.withLock { $0 }
    var page = try await self.page(isOfContainers ? request.freshQuery : request.query)
    if !page.isOfUse, page.machineCores != nil, request.query.isEmpty {
      page = try await self.page(MetricsRequest.dockerQuery)
    }
    guard page.isOfUse else { throw nothingOfUse }
    if let mixed = page.mixedInstances {
      throw PortFailure(
        .severalPeers,
        "\(name): there are series of \(mixed.joined(separator: " and of ")) on its page; say by "
          + "`labels` which are this host's, as in {\"instance\": \"\(mixed.first ?? "")\"}")
    }
    let hasContainers = page.cgroups.values.contains(where: \.isContainer)
    let hasSeen = memory.hasSeenContainers.withLock { seen in
      seen = seen || hasContainers
      return seen
    }
    let isWholeHost = request.isWholeHost ?? (!hasSeen && !page.cores.isEmpty)
    var reading = HostReading(
      page,
      as: MetricsView(host: host, labels: request.containerLabels, isWholeHost: isWholeHost),
      now: clock.now)
    reading.addresses = await addresses.current()
    return reading
  }

  private func page(_ query: String) async throws(PortFailure) -> MetricsPage {
    let clock = clock
    do {
      return try await client.read(
        query, accept: MetricsRequest.accept, into: request.reader { clock.now })
    } catch {
      throw PortFailure(error, from: .page)
    }
  }

  private var nothingOfUse: PortFailure {
    let wanted = [MetricName.containerCPU, .nodeCPU].map { request.names[$0] }
    let only = request.only.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
    return PortFailure(
      .garbled,
      "\(name): there is neither \(wanted.joined(separator: " nor ")) on its page"
        + (only.isEmpty ? "" : " with \(only.joined(separator: ", "))")
        + "; check the URL, `labels` and `names`")
  }
}

/// What is asked of a page of metrics.
package struct MetricsRequest: Sendable, Equatable {
  /// 0.0.4 before all: it is what everybody has.
  static let accept = "text/plain;version=0.0.4;q=0.9,*/*;q=0.1"

  /// With its question mark; empty where there is none.
  var query: String
  var names: MetricNames
  /// Labels that a series must have with these values to be taken.
  var only: [String: String]
  /// Labels of containers that somebody asks for, by their spelling on the page.
  var containerLabels: [String: String]
  var isWholeHost: Bool?

  /// - Parameters:
  ///   - keys: labels of containers that somebody asks for, as their owners named them.
  ///   - isFederation: whether a Prometheus is asked, which wants to know which series.
  init(
    query: String?, names: MetricNames, only: [String: String], keys: Set<String>,
    isFederation: Bool, isWholeHost: Bool?
  ) {
    self.names = names
    self.only = only
    self.isWholeHost = isWholeHost
    containerLabels = Dictionary(
      keys.map { (Self.spelling(of: $0), $0) }, uniquingKeysWith: { min($0, $1) })
    self.query = ""
    if let query {
      self.query = "?\(query)"
    } else if isFederation {
      self.query = "?match%5B%5D=" + PercentCoding.coded(selector)
    }
  }

  /// The same of a page that has containers: cAdvisor reads anew what is older, and whoever else has
  /// such a page does not look at it.
  var freshQuery: String { query.isEmpty ? "?max_age=1s" : query }

  /// cAdvisor tells of no cgroup at all while there is a single one that it cannot read (seen on 0.38.7
  /// with one that has no CPUs); those of Docker's containers it tells all the same.
  static let dockerQuery = "?type=docker&max_age=1s"

  func reader(now: @escaping @Sendable () -> Timestamp) -> MetricsPageReader {
    MetricsPageReader(
      names: names, labels: Set(containerLabels.keys), only: only, now: now)
  }

  /// Which series a Prometheus is to hand on, in its own language.
  private var selector: String {
    let series = "__name__=~\"\(names.series.joined(separator: "|"))\""
    let only = self.only.sorted { $0.key < $1.key }.map { key, value in
      "\(key)=\"\(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
    return "{\(([series] + only).joined(separator: ","))}"
  }

  /// How cAdvisor writes a container's label.
  private static func spelling(of key: String) -> String {
    "container_label_"
      + key.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? String($0) : "_" }
      .joined()
  }
}

extension HostReading {
  /// What a page says when it is read with nothing special in mind.
  package static func ofMetrics(
    _ bytes: [UInt8], isWholeHost: Bool?
  ) throws -> HostReading {
    let epoch = Timestamp(nanoseconds: 0)
    let request = MetricsRequest(
      query: nil, names: MetricNames(), only: [:], keys: [], isFederation: false,
      isWholeHost: isWholeHost)
    var reader = request.reader { epoch }
    try reader.takeBytes(bytes)
    return HostReading(
      try reader.finish(answeredAt: nil),
      as: MetricsView(host: "host", labels: request.containerLabels, isWholeHost: isWholeHost),
      now: epoch)
  }
}
