extension Match: CustomStringConvertible {
  package var description: String {
    switch self {
    case .container(let key, let rule): "\(key) by \(rule.rawValue)"
    case .none: "no container fits; check `pattern`, `server`, `label`, `match`"
    case .near(let key):
      "no container fits; \(key) nearly does: let `pattern` allow for all of its name, or use `label`"
    case .ambiguous(let keys, let rule): Self.ambiguous(keys, rule)
    case .shared(let key, let other):
      "\(key) is also the container of \(other), so its load cannot be told apart"
    }
  }

  private static func ambiguous(_ keys: [ContainerKey], _ rule: Rule) -> String {
    if keys.count == 1, let only = keys.first {
      return "\(only) has its address, and so may a container of a host that has not answered yet"
    }
    if let first = keys.first,
      keys.allSatisfy({ ($0.host, $0.alias) == (first.host, first.alias) })
    {
      return "\(keys.count) containers are called \(first); cAdvisor does not notice renames: "
        + "restart it, or use `label`"
    }
    let names = keys.prefix(3).map(\.description).joined(separator: ", ")
    let cure =
      switch rule {
      case .label: "let only one have the label"
      case .address: "let `pattern` fit only one of them, or use `label` or `server`"
      case .template, .alias: "make the names unique, or use `server` with {host}"
      }
    return "\(keys.count) containers fit by \(rule.rawValue) (\(names)); \(cure)"
  }
}

extension ContainerKey: CustomStringConvertible {
  package var description: String { "\(alias) on \(host)" }
}
