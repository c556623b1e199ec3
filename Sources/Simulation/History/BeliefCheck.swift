internal import Balancing
internal import Control

/// Decides from the record of a run whether the daemon believed what cannot be.
struct BeliefCheck: Sendable {
  private typealias Violation = HistoryCheck.Violation

  private let truth: GroundTruth
  private let settings: ControlSettings
  private var lies: [Watch]
  private var rests: [Place: Restlessness] = [:]
  /// The weights of the last while, oldest first.
  private var past: [Place: [(at: Double, weight: Weight)]] = [:]
  /// The weights at the first look.
  private var first: [Place: Weight] = [:]
  private var lastSeconds: Double?
  private var violations: [HistoryCheck.Violation] = []

  /// A lie, and what was so when it began.
  private struct Watch: Sendable {
    let lie: GroundTruth.Lie
    /// The most that stood while it was not plain yet.
    var weights: [Place: Weight] = [:]
    /// Requests that came to each of its servers since.
    var requests: [ServerName: Double] = [:]
    /// The weights that had stood for long when it began.
    var resting: Set<Place> = []
  }

  /// So many requests on next to no CPU are no chance.
  private static let evidenceRequests = 30.0
  /// Requests a server and interval below which there is nothing to level by, …
  private static let fewestRequests = 5.0
  /// … and the mean utilisation above which a queue is where it can be.
  private static let mostFilled = 0.9
  /// What rounding may add to a weight that is held.
  private static let rounding = 1.05
  /// A weight that was moved no further for long is at rest.
  private static let mostAtRest = 1.25
  /// How far such a weight may move at once for what else goes on in a quiet cluster.
  private static let mostMoved = 1.5
  /// Above it a demand is made up.
  private static let mostDemand = 2.0
  private static let demandSlack = 20.0
  /// What samples that are not taken at the same time may add to a use of all cores.
  private static let mostUsed = 1.5
  /// From here on most traffic is deaf to the weights.
  private static let mostlyPinned = 0.5
  /// As good as the floor, and what was far above it.
  private static let (floor, aboveFloor) = (Weight(clamping: 2), Weight(clamping: 20))

  static func violations(
    in reports: [TickReport], settings: ControlSettings, truth: GroundTruth
  ) -> [HistoryCheck.Violation] {
    var check = BeliefCheck(settings: settings, truth: truth)
    for report in reports { check.look(at: report) }
    return check.violations
  }

  private init(settings: ControlSettings, truth: GroundTruth) {
    self.settings = settings
    self.truth = truth
    lies = truth.lies.map { Watch(lie: $0) }
  }

  private mutating func look(at report: TickReport) {
    let seconds = report.snapshot.at.seconds(since: Cluster.epoch)
    let elapsed = lastSeconds.map { seconds - $0 } ?? 0
    lastSeconds = seconds
    for backend in report.snapshot.backends {
      checkDemand(of: backend, report.snapshot.tick, at: seconds)
      remember(backend, report, at: seconds, elapsed: elapsed)
    }
    for change in report.written {
      guard let backend = report.snapshot.backends.first(where: { $0.name == change.backend }),
        let server = backend.servers.first(where: { $0.name == change.server })
      else { continue }
      check(
        change, of: server, report.snapshot.tick, at: seconds, mayRest: mayRest(backend))
    }
  }

  /// Whether there are requests enough, and room enough, for weights to come to rest.
  private func mayRest(_ backend: BackendStatus) -> Bool {
    let up = Double(max(1, backend.servers.count { $0.state == .up }))
    let requests = backend.demandPerSecond.map { $0 * settings.interval.inSeconds / up }
    return requests ?? .infinity >= Self.fewestRequests
      && backend.meanUtilisation ?? 0 < Self.mostFilled
  }

  private mutating func note(
    _ rule: HistoryCheck.Rule, _ tick: Int, _ server: ServerName?, _ detail: String
  ) {
    violations.append(Violation(tick: tick, server: server, rule: rule, detail: detail))
  }

  // MARK: Demand

  private mutating func checkDemand(of backend: BackendStatus, _ tick: Int, at seconds: Double) {
    guard let most = truth.mostDemand(at: seconds) else { return }
    let allowed = Self.mostDemand * most + Self.demandSlack
    let rates = backend.servers.compactMap(\.requestsPerSecond).reduce(0, +)
    for demand in [backend.demandPerSecond ?? 0, rates] where demand > allowed {
      note(
        .madeUpDemand, tick, nil, "\(decimal(demand, 0)) of at most \(decimal(most, 0)) a second")
    }
  }

  // MARK: CPU

  private mutating func checkUse(of server: ServerStatus, _ tick: Int) {
    guard let cores = truth.hostCores[server.name], let used = server.cpuCores,
      used > Self.mostUsed * cores
    else { return }
    note(.impossibleUse, tick, server.name, "\(decimal(used, 2)) of \(decimal(cores, 2)) cores")
  }

  // MARK: What stood

  private mutating func remember(
    _ backend: BackendStatus, _ report: TickReport, at seconds: Double, elapsed: Double
  ) {
    let told = report.toldOfOthers
    for server in backend.servers {
      let places = server.weights.map {
        (Place(backend: backend.name, balancer: $0.balancer, server: server.name), $0.standing)
      }
      checkUse(of: server, report.snapshot.tick)
      for (place, standing) in places {
        first[place] = first[place] ?? standing
        past[place, default: []].append((seconds, standing))
        past[place]?.removeAll { $0.at < seconds - 2 * truth.quietSeconds }
      }
      for index in lies.indices where lies[index].lie.isShown(server.name, at: seconds) {
        lies[index].requests[server.name, default: 0] += (server.requestsPerSecond ?? 0) * elapsed
        let isPlain = isPlain(lies[index], server.name, at: seconds)
        for (place, standing) in places {
          let before = lies[index].weights[place]
          // What others set stands, and so does all until the lie is plain.
          let isBase = before.map { told.contains(place) || (!isPlain && standing > $0) } ?? true
          if isBase { lies[index].weights[place] = standing }
          if before == nil, isAtRest(place, before: seconds) {
            lies[index].resting.insert(place)
          }
        }
      }
    }
  }

  private func isAtRest(_ place: Place, before seconds: Double) -> Bool {
    let start = seconds - truth.quietSeconds
    guard let past = past[place], let oldest = past.first, oldest.at <= start else { return false }
    let weights = past.filter { $0.at >= start }.map { Double($0.weight.value) }
    guard let least = weights.min(), let most = weights.max(), least > 0 else { return false }
    return most / least <= Self.mostAtRest
  }

  private func isPlain(_ watch: Watch, _ server: ServerName, at seconds: Double) -> Bool {
    guard watch.lie.kind == .showsLittle else { return true }
    return seconds > watch.lie.plainSeconds
      && watch.requests[server] ?? 0 >= Self.evidenceRequests
  }

  // MARK: What was written

  private mutating func check(
    _ change: WeightChange, of server: ServerStatus, _ tick: Int, at seconds: Double,
    mayRest: Bool
  ) {
    let place = Place(of: change)
    guard change.reason != .restored else { return }
    var found: Set<HistoryCheck.Rule> = []
    for index in lies.indices where lies[index].lie.isShown(server.name, at: seconds) {
      let watch = lies[index]
      guard let before = watch.weights[place] else { continue }
      let (old, new) = (Double(before.value), Double(change.new.value))
      switch watch.lie.kind {
      case .showsLittle:
        guard isPlain(watch, server.name, at: seconds) else {
          lies[index].weights[place] = max(before, change.new)
          continue
        }
        // What is long unknown may go to what its peers have.
        let isUnseen = server.utilisation == nil && server.condition == .live
        guard new > max(old * Self.rounding, old + 1), change.new > change.old, !isUnseen else {
          continue
        }
        if found.insert(.believedLittle).inserted {
          note(.believedLittle, tick, server.name, "\(before) → \(change.new)")
        }
        lies[index].weights[place] = change.new
      case .isContradicted:
        guard mayRest, watch.resting.contains(place),
          truth.isQuiet(from: watch.lie.fromSeconds, to: seconds), old > 0, new > 0,
          max(new / old, old / new) > Self.mostMoved, abs(new - old) > 1
        else { continue }
        if found.insert(.believedContradicted).inserted {
          note(.believedContradicted, tick, server.name, "\(before) → \(change.new)")
        }
        lies[index].weights[place] = change.new
      }
    }
    if mayRest { checkRest(of: change, at: place, tick, seconds) }
  }

  /// Traffic that does not follow weights, or only half of it does, is no reason to go on writing.
  private mutating func checkRest(
    of change: WeightChange, at place: Place, _ tick: Int, _ seconds: Double
  ) {
    guard truth.pinned >= Self.mostlyPinned || truth.sharesContainers else { return }
    let interval = settings.interval.inSeconds
    rests[place, default: Restlessness()].add(change, at: seconds, within: 20 * interval)
    guard let rest = rests[place], truth.isQuiet(from: rest.sinceSeconds, to: seconds) else {
      return
    }
    if rest.isRestless {
      note(.restless, tick, change.server, "\(rest.count) writes, \(rest.turns) turns")
      rests[place] = nil
    }
    if truth.pinned >= Self.mostlyPinned, change.isLevelling, change.new <= Self.floor,
      let first = first[place], first >= Self.aboveFloor
    {
      note(.walkedToTheFloor, tick, change.server, "\(first) → \(change.new)")
    }
  }
}

/// The writes of one weight in the last while.
private struct Restlessness: Sendable {
  private var steps: [(at: Double, ratio: Double)] = []

  var sinceSeconds: Double { steps.first?.at ?? 0 }
  var count: Int { steps.count }

  /// How often it went back more than a fifth.
  var turns: Int {
    let large = steps.map(\.ratio).filter { max($0, 1 / $0) > 1.25 }
    return zip(large, large.dropFirst()).count { ($0 > 1) != ($1 > 1) }
  }

  /// Half of the ticks wrote, or a third went back.
  var isRestless: Bool { count >= 10 || turns >= 6 }

  mutating func add(_ change: WeightChange, at seconds: Double, within length: Double) {
    guard change.isLevelling else { return }
    let ratio = Double(max(1, change.new.value)) / Double(max(1, change.old.value))
    steps.append((seconds, ratio))
    steps.removeAll { $0.at < seconds - length }
  }
}

extension WeightChange {
  fileprivate var isLevelling: Bool {
    if case .levelling = reason { true } else { false }
  }
}

extension GroundTruth.Lie {
  fileprivate func isShown(_ server: ServerName, at seconds: Double) -> Bool {
    servers.contains(server) && fromSeconds <= seconds && seconds <= toSeconds
  }
}
