import CheckedJSON
import Control

/// The whole of a configuration.
extension ConfigurationReading {
  mutating func configuration(_ node: JSONNode) -> Configuration? {
    Self.is2015(node.value) ? form2015(node) : presentForm(node)
  }

  /// Whether an object has keys of the 2015 form, and none that only the present one has.
  private static func is2015(_ value: JSONValue) -> Bool {
    guard case .object(let members) = value else { return false }
    let names = Set(members.map(\.name))
    return !names.isDisjoint(with: ConfigurationKeys.Form2015.allCases.map(\.rawValue))
      && names.isDisjoint(
        with: ConfigurationKeys.Present.allCases.filter { $0 != .schema }.map(\.rawValue))
  }

  private mutating func presentForm(_ node: JSONNode) -> Configuration? {
    typealias Keys = ConfigurationKeys.Present
    let object = object(node, of: Keys.self) { reading, path, key in
      if let old = ConfigurationKeys.Form2015(rawValue: key) {
        reading.reportMixed(old, at: path)
      } else {
        reading.reportUnknown(
          key, at: path, among: Keys.allCases.filter { $0 != .schema }.map(\.rawValue))
      }
    }
    guard let object else { return nil }
    _ = object[.schema].flatMap { text($0) }
    let interval = object[.interval].flatMap {
      duration($0, in: Configuration.allowedIntervals)
    }
    let sources = sources(of: object).map { self.sources($0) }
    let kinds = (sources?.listed ?? []).map(\.kind) + (sources?.found ?? []).map(\.common.kind)
    if let interval, interval < SourceKind.leastDockerInterval, kinds.contains(.docker) {
      report(
        object.path(of: .interval),
        "is too short for Docker's API, which takes a second for an answer",
        hint: "allowed with it: \(DurationText(SourceKind.leastDockerInterval)) or more")
    }
    let balancers = required(.balancers, of: object).map { self.balancers($0) } ?? .unreadable
    let mode = object[.mode].flatMap { choice($0, of: BackendSettings.Mode.self) }
    let backends = required(.backends, of: object).map {
      self.backends($0, balancers: balancers, mode: mode ?? .control)
    }
    let onStop = object[.onStop].flatMap { choice($0, of: Configuration.OnStop.self) }
    let status = object[.status].map { self.status($0) }
    let peers = object[.peers].map { self.peers($0) }
    for peer in peers ?? [] where balancers.configurations.contains(where: { $0.name == peer.name })
    {
      report(object.path(of: .peers), "a balancer has the name \(peer.name) of a peer, too")
    }
    return Configuration(
      interval: interval ?? Configuration.standardInterval, endpoints: sources?.listed ?? [],
      findings: sources?.found ?? [], balancers: balancers.configurations, backends: backends ?? [],
      onStop: onStop ?? .keep,
      status: status ?? .standard, peers: peers ?? [])
  }

  /// The list of sources, by its name or by its old one.
  private mutating func sources(
    of object: JSONObject<ConfigurationKeys.Present>
  ) -> JSONNode? {
    guard let old = object[.cadvisors] else { return required(.sources, of: object) }
    if object[.sources] != nil {
      report(
        object.path(of: .cadvisors), "is the old name of `sources`, which is there as well",
        hint: "write all of them in `sources`")
    }
    return old
  }
}
