import Synchronization

/// Reads one cAdvisor again and again, asking each time no more than is needed.
///
/// Every reading asks for the containers' and the machine's samples, both at once. The limits are
/// asked for at first, then every `specRefreshInterval`, and at once when a container shows up;
/// the hardware at first, then every `machineRefreshInterval`, and after a failure. Where one of
/// these two fails, its last answer is used, with a warning.
///
/// Made for one reading at a time; overlapping ones are safe and only ask more than is needed.
public final class CAdvisorReader: Sendable {
  private struct State {
    var plan: ReadingPlan
    var specs: SpecsReply?
    var machine: MachineInfo?
  }

  private let client: CAdvisorClient
  private let elapsed: @Sendable () -> Duration
  private let state: Mutex<State>

  /// A reader that has asked nothing yet.
  ///
  /// - Parameters:
  ///   - client: Whom to ask.
  ///   - specRefreshInterval: How old limits may get. cAdvisor itself keeps them for 5 s.
  ///   - machineRefreshInterval: How old the count of cores may get. cAdvisor keeps it for 5 min.
  ///   - clock: What measures these two.
  public init<C: Clock<Duration>>(
    client: CAdvisorClient, specRefreshInterval: Duration = .seconds(30),
    machineRefreshInterval: Duration = .seconds(300), clock: C = ContinuousClock()
  ) {
    self.client = client
    let beginning = clock.now
    elapsed = { beginning.duration(to: clock.now) }
    state = Mutex(
      State(
        plan: ReadingPlan(
          specRefreshInterval: specRefreshInterval,
          machineRefreshInterval: machineRefreshInterval)))
  }

  /// Whom it asks.
  public var endpoint: CAdvisorEndpoint { client.endpoint }

  /// Reads it once.
  ///
  /// Fails as a whole when the samples do not come, when cores or limits have never been told,
  /// or at once when the task is cancelled: the deadline is the caller's.
  ///
  /// - Parameter maxAge: As for ``CAdvisorClient/containers(maxAge:)``.
  public func read(maxAge: Duration) async throws(CAdvisorError) -> CAdvisorReading {
    let client = client
    let first = state.withLock { $0.plan.begins(at: elapsed()) }
    async let hostAnswer = ask(.host) { () async throws(CAdvisorError) in
      try await client.host(maxAge: maxAge)
    }
    async let machineAnswer = first.contains(.machine) ? askMachine() : nil
    let containers = try await ask(.containers) { () async throws(CAdvisorError) in
      try await client.containers(maxAge: maxAge)
    }.get()

    let specs = try await latestSpecs(for: containers)
    let machine = try await latestMachine(machineAnswer)
    var reading = CAdvisorReading(
      containers: containers, host: try await hostAnswer.get(), machine: machine.value,
      specs: specs.value)
    reading.warnings = [specs.warning, machine.warning].compactMap { $0 }
    return reading
  }

  private func latestSpecs(
    for containers: ContainersReply
  ) async throws(CAdvisorError) -> Latest<SpecsReply> {
    let ids = Set(containers.containers.lazy.filter { !$0.isRawCgroup }.map(\.id))
    let (next, last) = state.withLock { ($0.plan.lists(ids, at: elapsed()), $0.specs) }
    if let last, !next.contains(.specs) { return Latest(value: last) }
    let client = client
    let answer = await ask(.specs) { () async throws(CAdvisorError) in
      try await client.specsReply().completed(from: last, for: ids)
    } keeping: {
      $0.specs = $1
    }
    return try Latest(answer, else: last)
  }

  /// - Parameter answer: `nil` when it was not asked for.
  private func latestMachine(
    _ answer: Result<MachineInfo, CAdvisorError>?
  ) async throws(CAdvisorError) -> Latest<MachineInfo> {
    let last = state.withLock { $0.machine }
    if let last, answer == nil { return Latest(value: last) }
    guard let answer else { return try Latest(await askMachine(), else: nil) }
    return try Latest(answer, else: last)
  }

  private func askMachine() async -> Result<MachineInfo, CAdvisorError> {
    let client = client
    return await ask(.machine) { () async throws(CAdvisorError) in
      try await client.machine()
    } keeping: {
      $0.machine = $1
    }
  }

  /// Asks, and tells the plan how it went.
  private func ask<Answer>(
    _ question: ReadingPlan.Question, _ client: () async throws(CAdvisorError) -> Answer,
    keeping keep: (inout State, Answer) -> Void = { _, _ in }
  ) async -> Result<Answer, CAdvisorError> {
    do throws(CAdvisorError) {
      let answer = try await client()
      let now = elapsed()
      state.withLock {
        $0.plan.answers(question, at: now)
        keep(&$0, answer)
      }
      return .success(answer)
    } catch {
      state.withLock { $0.plan.fails(question) }
      return .failure(error)
    }
  }
}

/// The newest answer that there is, and why it is not a new one.
private struct Latest<Value> {
  var value: Value
  var warning: CAdvisorError?

  init(value: Value) { self.value = value }

  /// - Throws: What failed, when there is no last answer, or when it was the caller who gave up.
  init(
    _ answer: Result<Value, CAdvisorError>, else last: Value?
  ) throws(CAdvisorError) {
    switch answer {
    case .success(let new):
      value = new
    case .failure(let error):
      guard let last, error.kind != .cancelled else { throw error }
      value = last
      warning = error
    }
  }
}
