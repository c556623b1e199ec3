import Balancing

extension ConfigurationReading {
  /// A balancer as it was read, before it is held against the others.
  private struct ReadBalancer {
    let path: String
    let configuration: BalancerConfiguration
  }

  /// The balancers that backends may refer to.
  struct KnownBalancers {
    /// Those that could be read, without repetitions.
    var configurations: [BalancerConfiguration] = []
    /// All that have a name, even if something else about them is wrong.
    var names: Set<String> = []
    /// Whether a name could not be read, so that an unknown one may be that.
    var isIncomplete = false
  }

  mutating func balancers(_ node: ConfigurationNode) -> KnownBalancers {
    var known = KnownBalancers()
    guard let elements = list(node) else { return KnownBalancers(isIncomplete: true) }
    let read = elements.compactMap { readBalancer($0, known: &known) }
    let named = distinct(
      read, by: \.configuration.name, at: \.path, hint: "give each a `name` of its own"
    ) { balancer, first in
      "has the same name \(QuotedText(balancer.configuration.name.text)) as \(first)"
    }
    known.configurations = distinct(
      named, by: \.configuration.address, at: \.path, hint: "remove one of them"
    ) { balancer, first in
      "has the same address \(QuotedText(balancer.configuration.address.description)) as \(first)"
    }.map(\.configuration)
    return known
  }

  private mutating func readBalancer(
    _ node: ConfigurationNode, known: inout KnownBalancers
  ) -> ReadBalancer? {
    guard let object = object(node, of: ConfigurationKeys.Balancer.self) else {
      known.isIncomplete = true
      return nil
    }
    var name: String? = BalancerConfiguration.standardName.text
    if let node = object[.name] { name = self.name(node) }
    if let name { known.names.insert(name) } else { known.isIncomplete = true }
    let writes = object[.write].flatMap { boolean($0) } ?? true
    guard let node = object[.address] else {
      reportMissing(.address, of: object)
      return nil
    }
    let address = self.address(node, by: BalancerConfiguration.Address.init(parsing:))
    guard let address, let name else { return nil }
    return ReadBalancer(
      path: object.path,
      configuration: BalancerConfiguration(
        name: BalancerName(name), address: address, writes: writes))
  }

  /// Reads an address in the form that `parse` knows.
  mutating func address(
    _ node: ConfigurationNode,
    by parse: (String) throws(BalancerConfiguration.Address.Invalid) ->
      BalancerConfiguration.Address
  ) -> BalancerConfiguration.Address? {
    guard let text = text(node) else { return nil }
    do throws(BalancerConfiguration.Address.Invalid) {
      return try parse(text)
    } catch {
      report(node.path, error.message, hint: error.hint)
      return nil
    }
  }
}
