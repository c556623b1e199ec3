import TestSupport

/// A decoder under hostile input, and what it promises whatever it gets.
package struct FuzzTarget: Sendable {
  package let name: String
  private let mutator: Mutator
  private let promise: @Sendable ([UInt8]) async throws -> Void

  /// - Parameter promise: throws when a promise is broken; a refusal of the input is none.
  init(
    _ name: String, corpus: [[UInt8]], tokens: [String] = [],
    promise: @escaping @Sendable ([UInt8]) async throws -> Void
  ) {
    self.name = name
    mutator = Mutator(corpus: corpus, tokens: tokens)
    self.promise = promise
  }

  /// The input of a number, which is the same for the same seed and corpus.
  package func input(_ number: Int, seed: UInt64) -> [UInt8] {
    var seeds = SeededGenerator(seed: seed)
    var generator = SeededGenerator(seed: seeds.next() &+ UInt64(clamping: number))
    return mutator.input(&generator)
  }

  /// - Throws: what is broken.
  package func check(_ input: [UInt8]) async throws { try await promise(input) }
}

extension FuzzTarget {
  /// Every decoder of what comes from outside.
  package static func all() async throws -> [FuzzTarget] {
    try [
      cadvisorContainers(), cadvisorHost(), cadvisorSpecs(), cadvisorCgroups(),
      cadvisorMachine(), metricsPage(), targetGroups(), dockerReplies(), serviceRecords(),
      haproxyTables(), haproxyInfo(), haproxyFraming(), configuration(), scenario(), pattern(),
      await learnedState(), await onceState(),
    ]
  }
}
