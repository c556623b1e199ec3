extension RuntimeSession {
  /// Asks which process this is.
  ///
  /// - Throws: `.multipleProcesses` among others.
  package mutating func processInfo() async throws(RuntimeError) -> RuntimeProcess {
    try process(from: try await ask(.showInfo))
  }

  /// Reads the reply to `show info`.
  ///
  /// - Throws: `.multipleProcesses` when it is one of several with the same configuration: a weight
  ///   set here would leave the others as they are.
  func process(from reply: String) throws(RuntimeError) -> RuntimeProcess {
    let process = try parse(.showInfo) { () throws(MalformedReply) in
      try RuntimeProcess(reply: reply)
    }
    guard process.processCount <= 1 else {
      throw failure(
        .multipleProcesses, answering: .showInfo, "`nbproc` is \(process.processCount)")
    }
    return process
  }
}
