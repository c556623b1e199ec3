import Balancing
import CheckedJSON
import Control

/// How containers are found for servers that no label and no template names.
enum ContainerMatch: String, CaseIterable {
  case name, address
}

extension ConfigurationReading {
  /// A backend as it was read, before it is held against the others.
  private struct ReadBackend {
    let path: String
    let settings: BackendSettings
  }

  mutating func backends(
    _ node: JSONNode, balancers: KnownBalancers, mode: BackendSettings.Mode
  ) -> [BackendSettings] {
    let read = (list(node) ?? []).compactMap {
      readBackend($0, balancers: balancers, mode: mode)
    }
    return distinct(read, by: \.settings.name, at: \.path, hint: "remove one of them") {
      backend, first in
      "has the same name \(QuotedText(backend.settings.name.text)) as \(first)"
    }.map(\.settings)
  }

  private mutating func readBackend(
    _ node: JSONNode, balancers: KnownBalancers, mode: BackendSettings.Mode
  ) -> ReadBackend? {
    guard let object = object(node, of: ConfigurationKeys.Backend.self) else { return nil }
    let name = required(.name, of: object).flatMap { self.name($0) }
    let matching = matchingRules(object)
    let used = object[.balancers].map { usedBalancers($0, of: balancers) }
    let strategy = object[.strategy].flatMap { choice($0, of: BackendSettings.StrategyKind.self) }
    let ownMode = object[.mode].flatMap { choice($0, of: BackendSettings.Mode.self) }
    let measure = object[.measure].flatMap { choice($0, of: BackendSettings.Measure.self) }
    let weights = object[.weights].flatMap { weightBounds($0) }
    let hold = object[.hold].map { heldServers($0) }
    let respect = object[.respect].flatMap { duration($0, in: Self.allowedRespects) }
    guard let name, var matching else { return nil }
    let names = used ?? balancers.configurations.map(\.name)
    matching.isBalancedHere = balancers.configurations.allSatisfy {
      !names.contains($0.name) || $0.address.isHere
    }
    return ReadBackend(
      path: node.path,
      settings: BackendSettings(
        name: BackendName(name), balancers: names,
        matching: matching, strategy: strategy ?? .capacity, mode: ownMode ?? mode,
        measure: measure ?? .fullest, weights: weights ?? .standard,
        hold: hold ?? [], respect: respect ?? Self.standardRespect))
  }

  static let standardRespect = Duration.seconds(600)
  private static let allowedRespects: ClosedRange<Duration> = .zero...(.seconds(86_400))

  private mutating func heldServers(_ node: JSONNode) -> Set<ServerName> {
    let read = (list(node) ?? []).compactMap { node in
      name(node).map { (path: node.path, name: $0) }
    }
    return Set(
      distinct(read, by: \.name, at: \.path, hint: "remove one of them") { held, first in
        "is the same server \(QuotedText(held.name)) as \(first)"
      }.map { ServerName($0.name) })
  }

  private mutating func matchingRules(
    _ object: JSONObject<ConfigurationKeys.Backend>
  ) -> MatchingRules? {
    let pattern = namePattern(object[.pattern] ?? .standardPattern(object.path(of: .pattern)))
    let label = object[.label].flatMap { text($0) }
    let template = object[.server].flatMap { serverTemplate($0, groupCount: pattern?.groupCount) }
    let match = object[.match].flatMap { choice($0, of: ContainerMatch.self) }
    guard let pattern else { return nil }
    return MatchingRules(
      pattern: pattern, label: label, template: template, byAddress: match == .address)
  }

  mutating func namePattern(_ node: JSONNode) -> PCREPattern? {
    guard let text = text(node) else { return nil }
    do throws(PCREPattern.Invalid) {
      return try PCREPattern(text)
    } catch {
      report(node.path, error.reason, hint: error.hint)
      return nil
    }
  }

  private mutating func serverTemplate(
    _ node: JSONNode, groupCount: Int?
  ) -> ServerTemplate? {
    guard let text = text(node) else { return nil }
    do throws(ServerTemplate.Invalid) {
      return try ServerTemplate(parsing: text, groupCount: groupCount)
    } catch {
      report(node.path, error.message, hint: error.hint)
      return nil
    }
  }

  private mutating func usedBalancers(
    _ node: JSONNode, of balancers: KnownBalancers
  ) -> [BalancerName] {
    let read = (list(node) ?? []).compactMap { node in
      reference(node, to: balancers.names).map { (path: node.path, name: $0) }
    }
    return distinct(read, by: \.name, at: \.path, hint: "remove one of them") { used, first in
      "is the same balancer \(QuotedText(used.name)) as \(first)"
    }.map { BalancerName($0.name) }
  }

  private mutating func weightBounds(_ node: JSONNode) -> WeightBounds? {
    guard let object = object(node, of: ConfigurationKeys.Weights.self) else { return nil }
    let standard = WeightBounds.standard
    let allowed = standard.minimum...standard.maximum
    let minimum = object[.min].map { integer($0, in: allowed) } ?? standard.minimum
    let maximum = object[.max].map { integer($0, in: allowed) } ?? standard.maximum
    guard let minimum, let maximum else { return nil }
    guard let bounds = WeightBounds(minimum: minimum, maximum: maximum) else {
      report(node.path, "has a `min` of \(minimum) above its `max` of \(maximum)")
      return nil
    }
    return bounds
  }
}

extension JSONNode {
  /// What a backend's pattern is when none is given: every container.
  fileprivate static func standardPattern(_ path: String) -> Self {
    Self(path: path, value: .string(".*"))
  }
}
