import Balancing
import CheckedJSON

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
    /// Of all that have one, even if something else about them is wrong.
    var names = KnownNames(ofEach: "balancer of this configuration")

    /// When it cannot be said which there are.
    static var unreadable: Self {
      var known = Self()
      known.names.insert(nil)
      return known
    }
  }

  mutating func balancers(_ node: JSONNode) -> KnownBalancers {
    guard let elements = list(node) else { return .unreadable }
    var known = KnownBalancers()
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
    _ node: JSONNode, known: inout KnownBalancers
  ) -> ReadBalancer? {
    guard let object = object(node, of: ConfigurationKeys.Balancer.self) else {
      known.names.insert(nil)
      return nil
    }
    var name: String? = BalancerConfiguration.standardName.text
    if let node = object[.name] { name = self.name(node) }
    known.names.insert(name)
    let writes = object[.write].flatMap { boolean($0) } ?? true
    let address = required(.address, of: object).flatMap {
      self.address($0, by: BalancerConfiguration.Address.init(parsing:))
    }
    guard let address, let name else { return nil }
    return ReadBalancer(
      path: object.path,
      configuration: BalancerConfiguration(
        name: BalancerName(name), address: address, writes: writes))
  }

  /// Reads an address in the form that `parse` knows.
  mutating func address(
    _ node: JSONNode,
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
