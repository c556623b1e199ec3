package import Balancing
internal import Deadlines

/// Reads all endpoints and all balancers at once, each within a deadline of its own.
///
/// One that hangs costs the others nothing: what it gives is a failure, like any other.
/// Results come in the order of the lists that were passed in, whatever order they arrived in.
package struct FleetPoller: Sendable {
  /// How many are under way at once, so that what they answer comes as no burst and takes little.
  private static let atOnce = 64
  /// Those that hang keep nobody waiting: so many more begin each time that this goes by.
  private static let more = 32
  private static let patience = Duration.milliseconds(50)

  /// So many weights are written at once: under `random` HAProxy 2.6 takes half a millisecond for each,
  /// and what is done is known when the time for the rest is over.
  private static let writesAtOnce = 500

  private let clock: any Clock<Duration>
  private let now: @Sendable () -> Timestamp

  package init(clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp) {
    self.clock = clock
    self.now = now
  }

  /// Reads the whole fleet once.
  ///
  /// - Parameters:
  ///   - peers: the balancers that other daemons tell of.
  ///   - backends: which backends are asked of which balancer.
  ///   - containers: the only ones that are asked of a host; of one that is not in it, all are.
  ///   - take: takes what an endpoint said as soon as it has come, and hands on what is wanted of it later:
  ///     of a thousand endpoints it would be much.
  package func poll(
    endpoints: [any LoadSource], balancers: [any Balancer], peers: Set<BalancerName>,
    backends: [BalancerName: [BackendName]], pace: Pace,
    only containers: [HostName: Set<String>] = [:],
    taking take: @escaping @Sendable (EndpointOutcome) async -> EndpointOutcome = { $0 }
  ) async -> FleetReading {
    let began = now()
    async let hosts = gather(endpoints) { source in
      // Whoever had to wait for its turn ends with the others as far as that takes little from it.
      let waited = Duration.seconds(max(0, now().seconds(since: began)))
      let deadline = pace.endpointDeadline - min(waited, pace.endpointDeadline / 10)
      let answer = await answer(within: deadline, of: source.name.text) {
        if let only = containers[source.host] { return try await source.read(only: only) }
        return try await source.read()
      }
      return await take(
        EndpointOutcome(
          endpoint: source.name, host: source.host, receivedAt: now(), answer: answer))
    }
    let read = await gather(balancers) { balancer in
      let wanted = backends[balancer.name] ?? []
      let answer = await answer(within: pace.balancerDeadline, of: balancer.name.text) {
        try await balancer.read(wanted)
      }
      return BalancerOutcome(
        balancer: balancer.name, isPeer: peers.contains(balancer.name), receivedAt: now(),
        answer: answer)
    }
    return FleetReading(endpoints: await hosts, balancers: read)
  }

  /// Writes to several balancers at once, each within its deadline.
  package func write(_ orders: [WriteOrder], to balancers: [any Balancer], pace: Pace) async
    -> [WriteReport]
  {
    await gather(orders) { order in
      guard let balancer = balancers.first(where: { $0.name == order.balancer }) else {
        let missing = PortFailure(.unreachable, "\(order.balancer): no such balancer")
        return WriteReport(order: order, outcomes: [], failure: missing)
      }
      return await write(order, to: balancer, pace: pace)
    }
  }

  private func write(_ order: WriteOrder, to balancer: any Balancer, pace: Pace) async
    -> WriteReport
  {
    let (writes, process, began) = (order.writes, order.process, now())
    var outcomes: [WriteOutcome] = []
    while outcomes.count < writes.count {
      let elapsed = Duration.seconds(max(0, now().seconds(since: began)))
      guard elapsed < pace.writeDeadline else {
        // They are wanted still, and written next time.
        outcomes += repeatElement(.notReached, count: writes.count - outcomes.count)
        break
      }
      let part = Array(writes.dropFirst(outcomes.count).prefix(Self.writesAtOnce))
      let deadline = min(pace.balancerDeadline, pace.interval / 2 - elapsed)
      let answer = await answer(within: deadline, of: order.balancer.text) {
        try await balancer.write(part, to: process)
      }
      switch answer {
      case .success(let done) where done.count == part.count: outcomes += done
      case .success:
        let failure = PortFailure(
          .garbled, "\(order.balancer): told not what became of each weight")
        return WriteReport(order: order, outcomes: outcomes, failure: failure)
      case .failure(let failure):
        return WriteReport(order: order, outcomes: outcomes, failure: failure)
      }
    }
    return WriteReport(order: order, outcomes: outcomes, failure: nil)
  }

  private func gather<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], _ operation: @escaping @Sendable (Input) async -> Output
  ) async -> [Output] {
    await withTaskGroup(of: (Int, Output)?.self) { group in
      var results = [Output?](repeating: nil, count: inputs.count)
      var (begun, ended) = (0, 0)
      func begin(_ many: Int) {
        for index in begun..<min(begun + many, inputs.count) {
          group.addTask { (index, await operation(inputs[index])) }
          begun += 1
        }
      }
      func beginMoreLater() {
        guard begun < inputs.count else { return }
        group.addTask {
          try? await clock.sleep(for: Self.patience)
          return nil
        }
      }
      begin(Self.atOnce)
      beginMoreLater()
      while ended < inputs.count, let next = await group.next() {
        if let (index, output) = next {
          results[index] = output
          ended += 1
          begin(1)
        } else {
          begin(Self.more)
          beginMoreLater()
        }
      }
      group.cancelAll()
      return results.compactMap { $0 }
    }
  }

  private func answer<Value: Sendable>(
    within deadline: Duration, of peer: String,
    _ operation: @escaping @Sendable () async throws -> Value
  ) async -> Result<Value, PortFailure> {
    do {
      return .success(try await withDeadline(after: deadline, clock: clock, operation: operation))
    } catch let failure as PortFailure {
      return .failure(failure)
    } catch is DeadlineExceeded {
      return .failure(
        PortFailure(.timedOut, "\(peer): no answer within \(decimal(deadline.inSeconds, 1)) s"))
    } catch {
      return .failure(PortFailure(.cancelled, "\(peer): given up (\(error))"))
    }
  }
}

/// What the whole fleet said in one tick.
package struct FleetReading: Sendable {
  package var endpoints: [EndpointOutcome]
  package var balancers: [BalancerOutcome]

  package init(endpoints: [EndpointOutcome], balancers: [BalancerOutcome]) {
    self.endpoints = endpoints
    self.balancers = balancers
  }
}

extension FleetReading {
  /// When our own balancers were read: a peer that is slow says nothing of that. `nil` without any.
  var plannedAt: Timestamp? {
    let answered = balancers.filter { $0.failure == nil }
    return answered.filter { !$0.isPeer }.map(\.receivedAt).max()
      ?? answered.map(\.receivedAt).max()
  }
}

/// What one endpoint said, or why it said nothing.
package struct EndpointOutcome: Sendable {
  package var endpoint: EndpointName
  package var host: HostName
  /// evenkeel's clock when the answer was complete.
  package var receivedAt: Timestamp
  package var answer: Result<HostReading, PortFailure>
  /// How many containers it told of, which may have been taken out of the answer since.
  package let containerCount: Int

  package init(
    endpoint: EndpointName, host: HostName, receivedAt: Timestamp,
    answer: Result<HostReading, PortFailure>
  ) {
    containerCount = (try? answer.get()).map { $0.containers.count + $0.others } ?? 0
    self.endpoint = endpoint
    self.host = host
    self.receivedAt = receivedAt
    self.answer = answer
  }
}

extension EndpointOutcome {
  /// Whether it has containers that were not asked for.
  var hasOthers: Bool { (try? answer.get().others > 0) ?? false }

  /// The same without its containers.
  var withoutContainers: Self {
    var outcome = self
    outcome.answer = answer.map { reading in
      var reading = reading
      reading.containers = []
      return reading
    }
    return outcome
  }
}

/// What one balancer said, or why it said nothing.
package struct BalancerOutcome: Sendable {
  package var balancer: BalancerName
  /// Whether another daemon tells of it.
  package let isPeer: Bool
  /// evenkeel's clock when the answer was complete.
  package var receivedAt: Timestamp
  package var answer: Result<BalancerReading, PortFailure>

  package init(
    balancer: BalancerName, isPeer: Bool, receivedAt: Timestamp,
    answer: Result<BalancerReading, PortFailure>
  ) {
    self.balancer = balancer
    self.isPeer = isPeer
    self.receivedAt = receivedAt
    self.answer = answer
  }
}

extension [BalancerOutcome] {
  /// When each peer had read what it tells, on our clock.
  var looksOfPeers: [BalancerName: Timestamp] {
    var looks: [BalancerName: Timestamp] = [:]
    for outcome in self where outcome.isPeer {
      guard case .success(let answer) = outcome.answer, let age = answer.ageSeconds
      else { continue }
      looks[outcome.balancer] = outcome.receivedAt.advanced(bySeconds: -age)
    }
    return looks
  }
}

/// Weights for one balancer's process.
package struct WriteOrder: Sendable {
  package var balancer: BalancerName
  package var process: ProcessIdentity
  package var changes: [WeightChange]

  package var writes: [WeightWrite] {
    changes.map { WeightWrite(backend: $0.backend, server: $0.server, weight: $0.new) }
  }
}

/// What became of an order.
package struct WriteReport: Sendable {
  package var order: WriteOrder
  /// Of its first writes, in their order: of all, unless something failed.
  package var outcomes: [WriteOutcome]
  /// What ended it before its end.
  package var failure: PortFailure?

  /// How many of its writes there was no time for.
  var unreached: Int { outcomes.count { $0 == .notReached } }
}
