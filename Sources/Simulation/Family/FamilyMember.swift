/// One of a generated family of scenarios: hosts that differ or do not, each with a server, and
/// neighbours on them that come and go.
///
/// What a strategy does to such clusters is judged against what the balancer does alone.
package struct FamilyMember: Hashable, Sendable {
  /// What it is made of: the same number is the same scenario.
  package let number: UInt64
  package let traits: FamilyTraits
  package let scenario: Scenario

  /// Numbers that a scenario's file can have as its seed.
  package static let numbers: ClosedRange<UInt64> = 0...((1 << 53) - 1)

  private static let prefix = "family-"

  package init(_ number: UInt64) {
    self.number = number
    var random = SeededRandom(seed: number)
    let traits = FamilyTraits(&random)
    self.traits = traits
    scenario = traits.scenario(name: "\(Self.prefix)\(number)", seed: number, &random)
  }

  /// The one of a scenario's name, such as `family-17`; `nil` when it is none of the family's.
  package init?(named name: String) {
    guard name.hasPrefix(Self.prefix), let number = UInt64(name.dropFirst(Self.prefix.count)),
      Self.numbers.contains(number)
    else { return nil }
    self.init(number)
  }
}
