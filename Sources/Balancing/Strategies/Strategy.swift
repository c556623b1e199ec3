/// A rule that turns what is seen of a backend into the weights wanted, and learns as it goes.
///
/// It is a value: same state and same observation, same plan.
package protocol Strategy: Codable, Sendable {
  mutating func plan(for observation: BackendObservation) -> Plan
}
