extension RuntimeSession {
  /// Sends `set weight` commands, unless the process is stopping or is not the one expected.
  ///
  /// - Returns: one result for each command, in order.
  package mutating func setWeights(
    _ commands: [RuntimeCommand], ifProcess expected: RuntimeProcess.Identity?
  ) async throws(RuntimeError) -> [WeightResult] {
    let process = try await processInfo()
    guard !process.isStopping, expected == nil || expected == process.identity else {
      return commands.map { _ in .processChanged }
    }
    var results: [WeightResult] = []
    for batch in RuntimeCommand.batches(of: commands) {
      let replies = try await ask(batch)
      let written = replies.prefix { $0 != WeightResult.proxyDisabledReply }
      if written.count < replies.count, try await processInfo().isStopping {
        results += written.map(WeightResult.init)
        results += repeatElement(.processChanged, count: commands.count - results.count)
        return results
      }
      results += replies.map(WeightResult.init)
    }
    return results
  }
}
