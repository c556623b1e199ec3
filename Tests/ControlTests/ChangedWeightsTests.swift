import Testing

@testable import Balancing
@testable import Control

/// Why each weight is changed: what is said must fit what happens to the share.
@Suite struct ChangedWeightsTests {
  private static let names: [ServerName] = ["a", "b", "c"]

  private func reasons(
    old: [Int], new: [Int], utilisations: [Double?], causes: [ShareCause?] = [nil, nil, nil],
    target: ServerPlan.Target = .share(1)
  ) -> (reasons: [WeightChange.Reason], shares: [WeightChange.Shares?]) {
    let readings = zip(Self.names, old).map { name, weight in
      ServerReading(
        name: name, state: .up, weight: Weight(clamping: weight),
        initialWeight: Weight(clamping: 100),
        requests: RequestCounters(arrived: 0, done: 0, failed: 0, inFlight: 0))
    }
    let planned = Self.names.indices.map { index in
      var plan = ServerPlan(
        name: Self.names[index], target: target,
        measured: utilisations[index].map { Load.Measured.of($0) })
      plan.cause = causes[index]
      return plan
    }
    let seen = utilisations.compactMap(\.self)
    let changed = ChangedWeights(
      readings,
      new: Dictionary(zip(Self.names, new.map { Weight(clamping: $0) })) { first, _ in first },
      plan: Plan(verdict: .change, servers: planned),
      mean: seen.isEmpty ? nil : seen.reduce(0, +) / Double(seen.count))
    return (planned.map(changed.reason), Self.names.map(changed.shares))
  }

  @Test func `shares are of all that take traffic, before and after`() {
    let shares = reasons(
      old: [100, 100, 100], new: [50, 100, 250], utilisations: [0.9, 0.5, 0.2]
    )
    .shares
    #expect(shares[0]?.before == 1.0 / 3 && shares[0]?.after == 0.125)
    #expect(shares[2]?.after == 0.625)
  }

  @Test func `a full server that gets less and an empty one that gets more are levelled`() {
    let found = reasons(old: [100, 100, 100], new: [50, 100, 250], utilisations: [0.9, 0.5, 0.2])
    let mean = (0.9 + 0.5 + 0.2) / 3
    #expect(found.reasons[0] == .levelling(Utilisation(0.9, of: .quota), mean: mean))
    #expect(found.reasons[2] == .levelling(Utilisation(0.2, of: .quota), mean: mean))
  }

  @Test func `an emptier server that gets less is not said to be levelled by its utilisation`() {
    let found = reasons(old: [100, 100, 100], new: [90, 100, 120], utilisations: [0.2, 0.5, 0.9])
    #expect(found.reasons[0] == .due)
    #expect(found.reasons[2] == .due)
  }

  @Test func `a weight that changes while its share stays is the scale`() {
    let found = reasons(old: [100, 100, 100], new: [96, 96, 96], utilisations: [0.5, 0.5, 0.5])
    #expect(found.reasons == [.scale, .scale, .scale])
  }

  @Test func `a queue is named where it is, while it is cleared and when it is`() {
    let clearing = reasons(
      old: [100, 100, 100], new: [1, 100, 100], utilisations: [1, 0.9, 0.1],
      causes: [.clearing(requests: 24), nil, nil])
    #expect(clearing.reasons[0] == .clearing(requests: 24))
    // It is fuller than the mean, and gets more: it stands in for the first.
    #expect(clearing.reasons[1] == .standingIn(.clearing(requests: 24)))
    let cleared = reasons(
      old: [1, 100, 100], new: [22, 100, 100], utilisations: [1, 0.5, 0.5],
      causes: [.cleared, nil, nil])
    #expect(cleared.reasons[0] == .cleared)
    #expect(cleared.reasons[1] == .relieved)
  }

  @Test(arguments: [
    (ShareCause.piling, WeightChange.Reason.piling), (.young, .young), (.failing, .failing),
  ])
  func `what takes traffic from a server is named when it does`(
    cause: ShareCause, reason: WeightChange.Reason
  ) {
    let less = reasons(
      old: [100, 100, 100], new: [50, 100, 100], utilisations: [0.2, 0.5, 0.5],
      causes: [cause, nil, nil])
    #expect(less.reasons[0] == reason)
    // Fuller than the mean, it gets more for the first one's cause, and a queue is named only if it is.
    #expect(less.reasons[1] == .standingIn(cause))
    #expect(String(describing: WeightChange.Reason.standingIn(cause)).contains("queue") == false)
    let more = reasons(
      old: [50, 100, 100], new: [100, 100, 100], utilisations: [0.2, 0.5, 0.5],
      causes: [cause, nil, nil])
    #expect(more.reasons[0] != reason)
  }

  @Test func `without a load it drifts`() {
    let found = reasons(old: [100, 100, 100], new: [90, 100, 100], utilisations: [nil, 0.5, 0.5])
    #expect(found.reasons[0] == .levelling(nil, mean: 0.5))
  }
}

extension Load.Measured {
  /// So much of a quota of one core.
  fileprivate static func of(_ utilisation: Double) -> Self {
    Load.Measured(
      cores: utilisation, limitCores: 1, utilisation: Utilisation(utilisation, of: .quota),
      began: Timestamp(nanoseconds: 0), host: "web1")
  }
}
