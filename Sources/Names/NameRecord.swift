/// What is known of one name, and whether somebody is asking.
///
/// Times are durations since any fixed beginning.
struct NameRecord: Equatable, Sendable {
  /// What whoever wants the addresses has to do.
  enum Advice: Equatable, Sendable {
    case take([String])
    case giveUp(NameFailure.Reason)
    /// Somebody is asking: wait for the answer.
    case wait
    /// Ask, and wait for the answer.
    case ask
  }

  /// How long an answer is good. The system does not tell how long the name server meant it to be.
  private static let goodFor = Duration.seconds(30)
  /// How long it is left at a failure before somebody asks again.
  private static let pause = Duration.seconds(1)
  /// A look-up that takes longer is not waited for any more: there is no telling when it ends.
  private static let overdueAfter = Duration.seconds(2)

  /// The last addresses that there were; in doubt, they still are.
  private var addresses: [String]?
  private var failure: NameFailure.Reason?
  private var answeredAt: Duration?
  private(set) var askedAt: Duration?

  mutating func advice(at now: Duration) -> Advice {
    if let answeredAt, failure == nil, let addresses, now - answeredAt < Self.goodFor {
      return .take(addresses)
    }
    if let askedAt {
      return now - askedAt < Self.overdueAfter ? .wait : best(at: now)
    }
    if let answeredAt, failure != nil, now - answeredAt < Self.pause { return best(at: now) }
    askedAt = now
    return .ask
  }

  /// What there is to go on with, without waiting any longer.
  func best(at now: Duration) -> Advice {
    if let addresses { return .take(addresses) }
    if let askedAt { return .giveUp(.silent(afterSeconds: (now - askedAt).inSeconds)) }
    return .giveUp(failure ?? .silent(afterSeconds: 0))
  }

  /// The system has answered. A name that it knows no more loses its addresses; a name server that
  /// has trouble takes none away.
  mutating func answer(_ result: Result<[String], NameFailure.Reason>, at now: Duration) {
    askedAt = nil
    answeredAt = now
    switch result {
    case .success(let found):
      addresses = found
      failure = nil
    case .failure(let reason):
      failure = reason
      if case .unknown = reason { addresses = nil }
    }
  }
}

extension NameFailure.Reason: Error {}

extension Duration {
  fileprivate var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
