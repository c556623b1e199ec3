/// A container in either shape: version 1 keeps its names beside the spec, version 2 in it.
///
/// Names, namespace and labels are left out, not null, for raw cgroups; `stats` is left out when
/// there are none. Samples that do not decode leave the container its names, so that it can be said
/// whose they are.
struct ContainerWire: WireValue {
  let aliases: [String]?
  let namespace: String?
  let spec: SpecWire?
  let stats: Result<[SampleWire], any Error>

  private enum CodingKeys: CodingKey { case aliases, namespace, spec, stats }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    aliases = try fields.decodeIfPresent([String].self, forKey: .aliases)
    namespace = try fields.decodeIfPresent(String.self, forKey: .namespace)
    spec = try fields.decodeIfPresent(SpecWire.self, forKey: .spec)
    stats = Result { try fields.decodeIfPresent([SampleWire].self, forKey: .stats) ?? [] }
  }

  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var aliases: [String]?
    var namespace: String?
    var spec: SpecWire?
    var samples: [SampleWire]?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("stats", in: bytes) {
        try samples.set(try cursor.values(in: bytes))
      } else if key.matches("spec", in: bytes) {
        try spec.set(try SpecWire(&cursor, in: bytes))
      } else if key.matches("aliases", in: bytes) {
        try aliases.set(try cursor.texts(in: bytes))
      } else if key.matches("namespace", in: bytes) {
        try namespace.set(try cursor.text(in: bytes))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    (self.aliases, self.namespace, self.spec) = (aliases, namespace, spec)
    stats = .success(samples ?? [])
  }

  var textLength: Int {
    let labels = spec?.labels ?? [:]
    return Self.length(of: aliases) + Self.length(of: spec?.aliases)
      + labels.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + Self.labelLength }
      + ((try? stats.get().count) ?? 0) * MemoryLayout<Sample>.size
  }

  private static func length(of names: [String]?) -> Int {
    names?.reduce(0) { $0 + $1.utf8.count } ?? 0
  }

  /// What a label takes without its texts.
  private static let labelLength = 64

  /// The samples with a CPU figure, oldest first.
  func samples() throws -> [Sample] {
    guard spec?.has_cpu ?? true else { return [] }
    let samples = try stats.get()
    // Most have but one.
    guard samples.count > 1 else { return samples.first.flatMap(Sample.init).map { [$0] } ?? [] }
    return samples.compactMap(Sample.init).sorted {
      $0.timestampNanoseconds < $1.timestampNanoseconds
    }
  }
}

extension ContainerInfo {
  /// - Parameter kept: the keys of labels that are kept; `nil` keeps all.
  init(id: String, _ wire: ContainerWire, keeping kept: Set<String>? = nil) {
    let aliases = wire.aliases ?? wire.spec?.aliases ?? []
    var labels = wire.spec?.labels ?? [:]
    // By its labels one without a name is told from a bare cgroup.
    if let kept, !labels.isEmpty, !aliases.isEmpty {
      labels = labels.filter { kept.contains($0.key) }
    }
    self.init(
      id: id, aliases: aliases, namespace: wire.namespace ?? wire.spec?.namespace, labels: labels)
    do {
      samples = try wire.samples()
      let isListed = try !wire.stats.get().isEmpty
      if samples.isEmpty, isListed || wire.spec?.has_cpu == false {
        flaw = "its samples have no CPU figure"
      }
    } catch {
      let place = MalformedReply(error).detail
      malformed = place
      flaw = "its samples are not cAdvisor's (\(place))"
    }
  }
}
