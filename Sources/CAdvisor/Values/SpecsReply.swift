/// The limits of all containers, by id.
package struct SpecsReply: Equatable, Sendable {
  package var specs: [String: CPUSpec] = [:]
  /// What is wrong with those that could not be read.
  package var malformed: [String: String] = [:]

  /// Fills the gaps of this reply with what was known before, for the containers that there are.
  func completed(from last: SpecsReply?, for ids: Set<String>) -> SpecsReply {
    let known = (last?.specs ?? [:]).filter { ids.contains($0.key) }
    return SpecsReply(
      specs: specs.merging(known) { new, _ in new }, malformed: malformed)
  }
}
