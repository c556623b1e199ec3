import Synchronization

/// Reads one cAdvisor again and again, asking each time no more than is needed.
///
/// Every reading of all asks for the containers' and the machine's samples. The limits are asked for at
/// first, then every `specRefreshInterval`, and at once when a container shows up; those of the
/// cgroups that containers are in less often; the hardware at first, then every
/// `machineRefreshInterval`, after a failure, and when a container shows up. Where one of these
/// fails its last answer is used, with a warning; where there is none, the containers that need it
/// have a flaw.
///
/// Where a few containers are all that somebody wants to know of (``read(only:maxAge:)``), these alone are
/// asked for until the list of all is a minute old, or five where it is none. Their limits come with the
/// list.
///
/// All of such a reading comes from one machine: it is asked over one connection, and the last question
/// tells whose it was. What several machines answer under one URL is thrown away.
///
/// Made for one reading at a time; overlapping ones are safe and only ask more than is needed.
public final class CAdvisorReader: Sendable {
  private struct State {
    var plan: ReadingPlan
    var specs: SpecsReply?
    var form = QuestionForm.post
    var cgroups: CgroupsReply?
    var machine: MachineInfo?
    var watch = MachineWatch()
    /// The last list of containers.
    var listed = Listed()
    /// What the last reading of all said was missing; `nil` where it was no good.
    var missing: CAdvisorReading.Missing?
    /// Whether it was asked over several connections who answers.
    var isProbed = false

    /// Another machine answers: nothing that was told of the last one holds.
    mutating func forget() {
      specs = nil
      cgroups = nil
      machine = nil
      plan = plan.fresh
    }
  }

  /// A list that is made while a container goes away may fail as a whole: another try may do.
  private static let firstTries = 3
  /// Connections beside the first over which a machine is asked who it is when it is new.
  private static let probes = 4

  private let client: CAdvisorClient
  private let elapsed: @Sendable () -> Duration
  private let state: Mutex<State>

  /// A reader that has asked nothing yet.
  ///
  /// - Parameters:
  ///   - client: Whom to ask.
  ///   - specRefreshInterval: How old limits may get. cAdvisor itself keeps them for 5 s.
  ///   - cgroupRefreshInterval: How old the limits of other cgroups may get.
  ///   - machineRefreshInterval: How old the count of cores may get. cAdvisor keeps it for 5 min.
  ///   - phase: When in its interval the list of all containers is due, as a part of it: so that a fleet's do
  ///     not come all at once.
  ///   - clock: What measures all of these.
  public init<C: Clock<Duration>>(
    client: CAdvisorClient, specRefreshInterval: Duration = .seconds(30),
    cgroupRefreshInterval: Duration = .seconds(60),
    machineRefreshInterval: Duration = .seconds(300),
    phase: Double = .random(in: 0..<1), clock: C = ContinuousClock()
  ) {
    self.client = client
    let beginning = clock.now
    elapsed = { beginning.duration(to: clock.now) }
    state = Mutex(
      State(
        plan: ReadingPlan(
          specRefreshInterval: specRefreshInterval, cgroupRefreshInterval: cgroupRefreshInterval,
          machineRefreshInterval: machineRefreshInterval, phase: phase)))
  }

  /// Whom it asks.
  public var endpoint: CAdvisorEndpoint { client.endpoint }

  /// Reads it once.
  ///
  /// Fails as a whole when the containers' samples do not come, when nobody answers any more, when
  /// several machines answer, or at once when the task is cancelled: the deadline is the caller's.
  ///
  /// - Parameter maxAge: As for ``CAdvisorClient/containers(maxAge:)``.
  public func read(maxAge: Duration) async throws(CAdvisorError) -> CAdvisorReading {
    // Another machine than before makes all of it anew, once.
    for _ in 0..<2 {
      if let reading = try await attempt(maxAge: maxAge) { return reading }
    }
    throw severalMachines()
  }

  /// Reads what some of its containers use, and the machine as a whole.
  ///
  /// It is all that there is where that is not enough: the last list of all is too old, a question about it
  /// failed, or one of these is not there as it was.
  ///
  /// - Parameters:
  ///   - ids: Of the containers; there may be none.
  ///   - maxAge: As for ``CAdvisorClient/containers(maxAge:)``.
  public func read(
    only ids: Set<String>, maxAge: Duration
  ) async throws(CAdvisorError) -> CAdvisorReading {
    let isEnough = state.withLock { state in
      state.missing != nil && state.plan.isEnough(ids, at: elapsed())
    }
    if isEnough {
      if let reading = try await readSome(ids, maxAge: maxAge) {
        state.withLock { $0.plan.answersForSome() }
        return reading
      }
      state.withLock { $0.plan.failsForSome(at: elapsed()) }
    }
    return try await read(maxAge: maxAge)
  }

  /// - Returns: `nil` when it is not what it should be.
  private func readSome(
    _ ids: Set<String>, maxAge: Duration
  ) async throws(CAdvisorError) -> CAdvisorReading? {
    var replies = state.withLock { state in
      CAdvisorReading.Replies(
        containers: ContainersReply(containers: []),
        others: state.listed.listing.ids.count - ids.count,
        host: .success(HostReply(sample: nil)), specs: Latest(value: state.specs),
        machine: Latest(value: state.machine), cgroups: state.cgroups)
    }
    do throws(CAdvisorError) {
      for id in ids.sorted() {
        let reply = try await client.container(id, maxAge: maxAge)
        guard var container = reply.containers.first, container.id == id,
          state.withLock({ $0.listed.takeNames(of: &container) })
        else { return nil }
        replies.containers.containers.append(container)
      }
      let host = try await client.host(maxAge: maxAge)
      replies.host = .success(host)
      replies.containers.answeredAtNanoseconds = host.answeredAtNanoseconds
    } catch {
      guard error.kind == .cancelled else { return nil }
      // It may hang where the list would not.
      state.withLock { $0.plan.failsForSome(at: elapsed()) }
      throw error
    }
    var reading = CAdvisorReading(replies)
    guard reading.isGood, reading.flaws.isEmpty, let missing = state.withLock({ $0.missing }) else {
      return nil
    }
    reading.missing = missing
    return reading
  }

  /// - Returns: `nil` when it is another machine that answers now.
  private func attempt(maxAge: Duration) async throws(CAdvisorError) -> CAdvisorReading? {
    let client = client
    state.withLock { $0.missing = nil }
    var containers = try await ask(.containers) { () async throws(CAdvisorError) in
      try await client.containers(maxAge: maxAge)
    }.get()
    let host = await ask(.host) { () async throws(CAdvisorError) in
      try await client.host(maxAge: maxAge)
    }
    if case .failure(let error) = host, !error.isOfOneQuestion { throw error }

    let listing = state.withLock { $0.listed.take(&containers) }
    let next = state.withLock { $0.plan.lists(listing, at: elapsed()) }
    let specs = try await latestSpecs(for: listing, isDue: next.contains(.specs))
    if next.contains(.cgroups) { try await askForCgroups(of: listing) }
    let machine = try await latestMachine(isDue: next.contains(.machine))
    guard try await isOneMachine(machine, isDue: next.contains(.machine)) else { return nil }
    let reading = CAdvisorReading(
      CAdvisorReading.Replies(
        containers: containers, host: host.mapError(\.besideAnswers), specs: specs,
        machine: machine, cgroups: state.withLock { $0.cgroups }))
    state.withLock { $0.missing = reading.isGood ? reading.missing : nil }
    return reading
  }

  private func latestSpecs(
    for listing: ReadingPlan.Listing, isDue: Bool
  ) async throws(CAdvisorError) -> Latest<SpecsReply> {
    let (last, form) = state.withLock { ($0.specs, $0.form) }
    guard isDue || last == nil else { return Latest(value: last) }
    let client = client
    let answer = await tried(.specs, isFirst: last == nil) { () async throws(CAdvisorError) in
      try await client.specsReply(in: form)
    }
    switch answer {
    case .success(let (reply, form)):
      let specs = reply.completed(from: last, for: listing.ids)
      let leftOut = listing.ids.filter { specs.specs[$0] == nil }
      state.withLock {
        $0.specs = specs
        $0.form = form
        $0.plan.answersSpecs(without: leftOut, at: elapsed())
      }
      return Latest(value: specs)
    case .failure(let error):
      state.withLock { $0.form = .post }
      return Latest(value: last, failure: try error.ofTheQuestionAlone(hasLast: last != nil))
    }
  }

  /// Goes on without where it fails.
  private func askForCgroups(of listing: ReadingPlan.Listing) async throws(CAdvisorError) {
    let form = state.withLock { $0.form }
    // Without a body all samples of all cgroups would come.
    guard form != .get else { return state.withLock { $0.plan.fails(.cgroups, at: elapsed()) } }
    let client = client
    let answer = await ask(.cgroups) { () async throws(CAdvisorError) in
      try await client.cgroups(in: form)
    }
    switch answer {
    case .success(let reply):
      state.withLock {
        $0.cgroups = reply
        $0.plan.answersCgroups(
          areOfUse: reply.areOfUse(for: listing.parents), at: elapsed())
      }
    case .failure(let error):
      if error.kind == .cancelled { throw error }
    }
  }

  private func latestMachine(isDue: Bool) async throws(CAdvisorError) -> Latest<MachineInfo> {
    let last = state.withLock { $0.machine }
    guard isDue || last == nil else { return Latest(value: last) }
    let client = client
    let answer = await tried(.machine, isFirst: last == nil) { () async throws(CAdvisorError) in
      try await client.machineAtLast()
    }
    switch answer {
    case .success(let machine):
      state.withLock {
        $0.machine = machine
        $0.plan.answersMachine(at: elapsed())
      }
      return Latest(value: machine)
    case .failure(let error):
      return Latest(value: last, failure: try error.ofTheQuestionAlone(hasLast: last != nil))
    }
  }

  /// Whether all that was asked was answered by the machine that answered before.
  ///
  /// - Throws: that several machines answer.
  private func isOneMachine(
    _ machine: Latest<MachineInfo>, isDue: Bool
  ) async throws(CAdvisorError) -> Bool {
    guard isDue, machine.failure == nil, let identity = machine.value?.identity else {
      if state.withLock({ $0.watch.hasSeveral }) { throw severalMachines() }
      return true
    }
    let finding = state.withLock { state in
      let finding = state.watch.observe(identity, at: elapsed())
      if finding == .changed { state.forget() }
      if finding == .several { state.plan.doubtsMachine() }
      return finding
    }
    switch finding {
    case .changed: return false
    case .several: throw severalMachines()
    case .same:
      if try await !isProbedAsOne(identity) { throw severalMachines() }
      return true
    }
  }

  /// Asks a machine that is new who it is, over several connections.
  private func isProbedAsOne(_ identity: String) async throws(CAdvisorError) -> Bool {
    let isNew = state.withLock { state in
      defer { state.isProbed = true }
      return !state.isProbed
    }
    guard isNew else { return true }
    for _ in 0..<Self.probes {
      do throws(CAdvisorError) {
        guard let other = try await client.machineAtLast().identity, other != identity else {
          continue
        }
        state.withLock { state in
          _ = state.watch.observe(other, at: elapsed())
          state.watch.findsSeveral()
          state.forget()
        }
        return false
      } catch {
        if error.kind == .cancelled { throw error }
        return true
      }
    }
    return true
  }

  private func severalMachines() -> CAdvisorError {
    let watch = state.withLock { state in
      state.watch.findsSeveral()
      state.forget()
      return state.watch
    }
    let names = [watch.current, watch.other].compactMap(\.self).joined(separator: "; ")
    return client.error(.severalMachines, .machine, names)
  }

  /// Asks, again and again where nothing was ever told.
  private func tried<Answer>(
    _ question: ReadingPlan.Question, isFirst: Bool,
    _ client: () async throws(CAdvisorError) -> Answer
  ) async -> Result<Answer, CAdvisorError> {
    var answer = await ask(question, client)
    guard isFirst else { return answer }
    for _ in 1..<Self.firstTries {
      guard case .failure(let error) = answer, case .status = error.kind else { return answer }
      answer = await ask(question, client)
    }
    return answer
  }

  /// Asks, and tells the plan when it failed.
  private func ask<Answer>(
    _ question: ReadingPlan.Question, _ client: () async throws(CAdvisorError) -> Answer
  ) async -> Result<Answer, CAdvisorError> {
    do throws(CAdvisorError) {
      return .success(try await client())
    } catch {
      state.withLock { $0.plan.fails(question, at: elapsed()) }
      return .failure(error)
    }
  }
}

/// The containers of one cAdvisor, which are the same in most replies: their names are kept once, and
/// what is made of them is made once.
private struct Listed {
  private var containers: [ContainerInfo] = []
  private(set) var listing = ReadingPlan.Listing(ids: [])

  /// - Parameter reply: what is as it was before is put into it in the place of its copy.
  mutating func take(_ reply: inout ContainersReply) -> ReadingPlan.Listing {
    guard isSame(reply.containers) else {
      let ids = reply.containers.lazy.filter { !$0.isRawCgroup }.map(\.id)
      listing = ReadingPlan.Listing(ids: Set(ids), parents: CgroupPath.parents(of: ids))
      containers = reply.containers.map(\.withoutSamples)
      return listing
    }
    for index in containers.indices {
      reply.containers[index].takeNames(of: containers[index])
    }
    return listing
  }

  /// - Parameter container: that it is given the names of its copy, where it has the same.
  /// - Returns: whether it has.
  func takeNames(of container: inout ContainerInfo) -> Bool {
    guard let copy = containers.first(where: { $0.id == container.id }),
      copy.hasNames(of: container)
    else { return false }
    container.takeNames(of: copy)
    return true
  }

  /// Whether a reply lists the same containers under the same names.
  private func isSame(_ new: [ContainerInfo]) -> Bool {
    guard new.count == containers.count else { return false }
    for index in new.indices {
      guard containers[index].id == new[index].id,
        containers[index].isRawCgroup == new[index].isRawCgroup,
        containers[index].hasNames(of: new[index])
      else { return false }
    }
    return true
  }
}

extension ContainerInfo {
  fileprivate var withoutSamples: ContainerInfo {
    ContainerInfo(id: id, aliases: aliases, namespace: namespace, labels: labels)
  }

  fileprivate func hasNames(of other: ContainerInfo) -> Bool {
    aliases == other.aliases && namespace == other.namespace && labels == other.labels
  }

  fileprivate mutating func takeNames(of other: ContainerInfo) {
    (id, aliases, namespace, labels) = (other.id, other.aliases, other.namespace, other.labels)
  }
}

extension CAdvisorError {
  /// The error, where the reading can go on without an answer.
  ///
  /// - Parameter hasLast: whether there is an earlier one.
  fileprivate func ofTheQuestionAlone(hasLast: Bool) throws(CAdvisorError) -> CAdvisorError {
    guard isOfOneQuestion || (hasLast && kind != .cancelled) else { throw self }
    return besideAnswers
  }
}
