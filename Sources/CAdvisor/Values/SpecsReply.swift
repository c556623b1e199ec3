/// The limits of all containers, by id.
package struct SpecsReply: Equatable, Sendable {
  package var specs: [String: CPUSpec] = [:]
  /// What is wrong with those that could not be read.
  package var malformed: [String: String] = [:]

  /// This reply for the containers that there are, under the texts that they are known by, with its
  /// gaps filled from what was known before.
  func completed(from last: SpecsReply?, for ids: Set<String>) -> SpecsReply {
    var completed = SpecsReply()
    completed.specs.reserveCapacity(ids.count)
    for id in ids {
      if let spec = specs[id] ?? last?.specs[id] { completed.specs[id] = spec }
      if let problem = malformed[id] { completed.malformed[id] = problem }
    }
    return completed
  }
}
