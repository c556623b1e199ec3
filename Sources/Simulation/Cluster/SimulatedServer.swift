internal import Balancing
internal import DequeModule
internal import HeapModule

/// A server's container at work: what is in it, and what CPU it uses.
///
/// All its running requests go on at the same speed, so that one sum of work done tells how far
/// each is.
struct SimulatedServer: Sendable {
  private struct Running: Comparable, Sendable {
    /// The sum of work at which it is done.
    let doneAt: Double
    let job: Int

    static func < (left: Running, right: Running) -> Bool {
      left.doneAt == right.doneAt ? left.job < right.job : left.doneAt < right.doneAt
    }
  }

  var model: ServerModel
  let host: Int
  private let hostCores: Double
  /// What its slice may use, where it is in one.
  var sliceCores: Double?
  /// When it came up cold; `nil` when it is warm from the start.
  var coldSince: Double?

  private var running = Heap<Running>()
  private var waiting = Deque<Int>()
  private var workDone = 0.0
  /// Cores that it gets at present.
  private(set) var speed: Double
  private var settledAt = 0.0
  /// Tells a completion that still stands from one that was planned before something changed.
  private(set) var plan = 0

  /// CPU seconds used since the container began.
  private(set) var cpuSeconds = 0.0
  /// CPU seconds used in this second so far.
  private var usedThisSecond = 0.0
  /// Cores used in the last second.
  private(set) var lastUse = 0.0

  init(_ model: ServerModel, host: Int, hostCores: Double, sliceCores: Double?) {
    self.model = model
    self.host = host
    self.hostCores = hostCores
    self.sliceCores = sliceCores
    speed = min(model.quotaCores ?? hostCores, hostCores, sliceCores ?? hostCores)
  }

  /// Cores that it may use, whether a cAdvisor shows it or not.
  var limit: Double { min(model.quotaCores ?? hostCores, hostCores, sliceCores ?? hostCores) }
  /// Requests inside, running or waiting.
  var inside: Int { running.count + waiting.count }
  /// Cores that it would use if nobody else did.
  var claim: Double {
    inside >= lanes ? limit : min(limit, lastUse + model.baseCores)
  }

  private var lanes: Int { max(1, Int(limit.rounded(.up))) }

  private var mostRunning: Int {
    switch model.service {
    case .queue: lanes
    case .sharing: .max
    }
  }

  /// CPU cores for one running request.
  private var laneSpeed: Double {
    let free = max(0.001, speed - model.baseCores)
    switch model.service {
    case .queue: return free / Double(lanes)
    case .sharing: return min(1, free / Double(max(1, running.count)))
    }
  }

  /// What of a lane's CPU becomes work.
  private var efficiency: Double { 1 / (1 + model.crowding * Double(max(0, inside - 1))) }

  /// What a cold start makes of a request's cost at a time.
  func costFactor(at now: Double) -> Double {
    guard let coldSince, let warmup = model.warmup, warmup.seconds > 0 else {
      return model.costFactor
    }
    let left = max(0, 1 - (now - coldSince) / warmup.seconds)
    return model.costFactor * (1 + (warmup.factor - 1) * left)
  }

  /// Brings its counters up to a time.
  mutating func settle(at now: Double) {
    let elapsed = now - settledAt
    settledAt = now
    guard elapsed > 0 else { return }
    var use = model.state == .down ? 0 : model.baseCores
    if !running.isEmpty {
      let each = laneSpeed
      use += each * Double(running.count)
      workDone += each * efficiency * elapsed
    }
    add(cpuSeconds: use * elapsed)
  }

  mutating func add(cpuSeconds: Double) {
    self.cpuSeconds += cpuSeconds
    usedThisSecond += cpuSeconds
  }

  /// Takes a request in; it must be settled.
  ///
  /// - Returns: whether the next completion is another one now.
  mutating func take(_ job: Int, work: Double) -> Bool {
    if running.count < mostRunning {
      running.insert(Running(doneAt: workDone + work, job: job))
    } else {
      waiting.append(job)
      guard model.crowding > 0 else { return false }
    }
    plan += 1
    return true
  }

  /// When the next request is done, if nothing changes; it must be settled.
  var nextCompletion: Double? {
    guard let next = running.min else { return nil }
    return settledAt + max(0, next.doneAt - workDone) / (laneSpeed * efficiency)
  }

  /// The request that is done now, and lets the next one begin; it must be settled.
  mutating func finish(_ jobs: inout Jobs) -> Int? {
    guard let done = running.popMin() else { return nil }
    while let next = waiting.popFirst() {
      // Whoever sees that nobody waits any more does not work for them.
      guard !jobs[next].hasExpired else {
        jobs.remove(next)
        continue
      }
      running.insert(Running(doneAt: workDone + jobs[next].work, job: next))
      break
    }
    plan += 1
    return done.job
  }

  /// All that is inside is lost.
  mutating func dropAll() -> [Int] {
    let lost = running.unordered.map(\.job).sorted() + waiting
    running = Heap()
    waiting.removeAll()
    plan += 1
    return lost
  }

  mutating func beginCounterAnew() { cpuSeconds = 0 }

  /// The requests inside, to look for those that waited too long.
  var jobsInside: [Int] { running.unordered.map(\.job) + waiting }

  /// Ends a second; it must be settled.
  ///
  /// - Returns: cores used in it.
  mutating func endSecond() -> Double {
    lastUse = usedThisSecond
    usedThisSecond = 0
    return lastUse
  }

  /// Gives it cores from now on; it must be settled.
  mutating func set(speed: Double) {
    self.speed = speed
    plan += 1
  }
}
