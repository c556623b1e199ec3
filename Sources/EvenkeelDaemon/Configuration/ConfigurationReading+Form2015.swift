import Balancing
import CheckedJSON
import Control

/// The form that the script of 2015 read: one backend, one balancer, a list of cAdvisors.
extension ConfigurationReading {
  /// Reads it as it stands; what it cannot say has its default.
  mutating func form2015(_ node: JSONNode) -> Configuration? {
    let object = object(node, of: ConfigurationKeys.Form2015.self) { reading, path, _ in
      reading.report(
        path, "is no key of the 2015 form, whose script ignored it", hint: "remove it")
    }
    guard let object else { return nil }
    for key in ConfigurationKeys.Form2015.allCases where object[key] == nil {
      report(
        object.path(of: key), "is missing",
        hint: "the 2015 form has pattern, backend, haproxy_socket and urls")
    }
    let pattern = object[.pattern].flatMap { namePattern($0) }
    let backend = object[.backend].flatMap { name($0) }
    let address = object[.haproxySocket].flatMap {
      self.address($0, by: BalancerConfiguration.Address.unix(socket:))
    }
    let endpoints = object[.urls].map { endpoints2015($0) }
    guard let pattern, let backend, let address, let endpoints else { return nil }
    let balancer = BalancerConfiguration(
      name: BalancerConfiguration.standardName, address: address, writes: true)
    return Configuration(
      interval: Configuration.standardInterval, endpoints: endpoints, balancers: [balancer],
      backends: [
        BackendSettings(
          name: BackendName(backend), balancers: [balancer.name],
          matching: MatchingRules(pattern: pattern), respect: Self.standardRespect)
      ],
      onStop: .keep, status: .standard)
  }

  /// Reports a key of the 2015 form in a file of the present form.
  mutating func reportMixed(_ key: ConfigurationKeys.Form2015, at path: String) {
    report(
      path, "is a key of the 2015 form, which does not mix with the present one",
      hint: key.successor)
  }
}

extension ConfigurationKeys.Form2015 {
  /// What it has become in the present form.
  fileprivate var successor: String {
    switch self {
    case .pattern: "write `pattern` in an object of the list `backends`"
    case .backend: "write `name` in an object of the list `backends`"
    case .haproxySocket: "write `address` in an object of the list `balancers`"
    case .urls: "write `sources`"
    }
  }
}
