/// A name that HAProxy, cAdvisor or the configuration gave to something.
///
/// The parameter keeps a server's name from being taken for a host's; it has no values.
package struct Name<Kind>: Hashable, Sendable {
  package let text: String
  /// The text's hash: a name is looked up far more often than it is made.
  private let code: Int

  package init(_ text: String) {
    self.text = text
    code = text.hashValue
  }

  package static func == (one: Self, other: Self) -> Bool {
    one.code == other.code && one.text == other.text
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

package enum ServerKind {}
package enum HostKind {}
package enum BackendKind {}
package enum BalancerKind {}
package enum EndpointKind {}

/// A server of a backend, as HAProxy names it.
package typealias ServerName = Name<ServerKind>
/// A machine that a cAdvisor watches.
package typealias HostName = Name<HostKind>
/// A backend, as HAProxy names it.
package typealias BackendName = Name<BackendKind>
/// A HAProxy process that evenkeel controls, as the configuration names it.
package typealias BalancerName = Name<BalancerKind>
/// A cAdvisor that evenkeel polls: its URL without credentials.
package typealias EndpointName = Name<EndpointKind>

extension Name: Comparable {
  package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension Name: CustomStringConvertible {
  package var description: String { text }
}

extension Name: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self.init(text) }
}

extension Name: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension Name: CodingKeyRepresentable {
  package var codingKey: any CodingKey { text.codingKey }

  package init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}
