/// Decides what to ask in a reading: events in, questions out.
///
/// Times are durations since any fixed beginning.
struct ReadingPlan: Equatable, Sendable {
  /// The questions that a reading is made of.
  enum Question: Hashable, Sendable {
    case containers, host, specs, cgroups, machine
  }

  /// The containers of one reading.
  struct Listing: Equatable, Sendable {
    var ids: Set<String>
    /// The cgroups that they are in.
    var parents: Set<String> = []
  }

  /// How old the list of all containers may get while some are asked for alone, …
  private static let listRefreshInterval = Duration.seconds(60)
  /// … and while none is.
  private static let idleListRefreshInterval = Duration.seconds(300)
  /// Where some containers cannot be asked for alone, again and again.
  private static let longestListPause = Duration.seconds(3600)
  /// A limit that was left out is asked for in so many readings in a row, then with all others.
  private static let triesInRow = 3
  /// Where all cgroups could not be had, or none that a container is in.
  private static let cgroupPause = Duration.seconds(600)

  private let specRefreshInterval: Duration
  private let cgroupRefreshInterval: Duration
  private let machineRefreshInterval: Duration
  /// When to ask again; `nil` is at once.
  private var specsDue: Duration?
  private var cgroupsDue: Duration?
  private var machineDue: Duration?
  private var listed: Listing?
  private var listedAt: Duration?
  /// When in its interval the list is due, as a part of it: not all of a fleet ask for theirs at once.
  private let phase: Double
  /// Until when all containers are asked for, since asking for some of them failed, …
  private var listsUntil: Duration?
  /// … so often in a row.
  private var failuresForSome = 0
  /// How often the limit of a container was left out, in a row.
  private var leftOut: [String: Int] = [:]

  init(
    specRefreshInterval: Duration, cgroupRefreshInterval: Duration,
    machineRefreshInterval: Duration, phase: Double = 0
  ) {
    self.phase = phase
    self.specRefreshInterval = specRefreshInterval
    self.cgroupRefreshInterval = cgroupRefreshInterval
    self.machineRefreshInterval = machineRefreshInterval
  }

  /// The same intervals, with nothing asked yet.
  var fresh: ReadingPlan {
    ReadingPlan(
      specRefreshInterval: specRefreshInterval, cgroupRefreshInterval: cgroupRefreshInterval,
      machineRefreshInterval: machineRefreshInterval, phase: phase)
  }

  /// The containers were listed: what to ask next.
  ///
  /// An id counts as new when the list before did not have it. Where there are new ones, another
  /// machine may be answering.
  mutating func lists(_ listing: Listing, at now: Duration) -> Set<Question> {
    let known = listed ?? Listing(ids: [])
    let isFirst = listed == nil
    // The very same one, as it is in most replies, is known without a look at its members.
    let hasNew = listing.ids != known.ids && !listing.ids.isSubset(of: known.ids)
    (listed, listedAt) = (listing, now)
    leftOut = leftOut.filter { listing.ids.contains($0.key) }
    var questions: Set<Question> = []
    if isDue(specsDue, now) || hasNew || leftOut.values.contains(where: { $0 < Self.triesInRow }) {
      questions.insert(.specs)
    }
    if isDue(cgroupsDue, now) || !listing.parents.isSubset(of: known.parents) {
      questions.insert(.cgroups)
    }
    if isDue(machineDue, now) || (hasNew && !isFirst) { questions.insert(.machine) }
    return questions
  }

  /// Whether it is enough to ask for these containers, as all were listed not long ago.
  func isEnough(_ ids: Set<String>, at now: Duration) -> Bool {
    guard let listed, let listedAt, now >= listsUntil ?? now, ids.isSubset(of: listed.ids) else {
      return false
    }
    let interval = ids.isEmpty ? Self.idleListRefreshInterval : Self.listRefreshInterval
    func lap(_ time: Duration) -> Double { (time / interval + phase).rounded(.down) }
    return lap(now) == lap(listedAt)
  }

  mutating func answersForSome() { failuresForSome = 0 }

  /// Asking for some containers brought not what it should.
  mutating func failsForSome(at now: Duration) {
    let pause = Self.listRefreshInterval * (1 << min(failuresForSome, 10))
    listsUntil = now + min(pause, Self.longestListPause)
    failuresForSome += 1
    machineDue = nil
  }

  /// The limits were told, but for those of some containers.
  mutating func answersSpecs(without ids: Set<String>, at now: Duration) {
    specsDue = now + specRefreshInterval
    leftOut = Dictionary(uniqueKeysWithValues: ids.map { ($0, (leftOut[$0] ?? 0) + 1) })
  }

  /// All cgroups were told.
  ///
  /// - Parameter areOfUse: whether one of them is one that a container is in.
  mutating func answersCgroups(areOfUse: Bool, at now: Duration) {
    cgroupsDue = now + (areOfUse ? cgroupRefreshInterval : Self.cgroupPause)
  }

  mutating func answersMachine(at now: Duration) { machineDue = now + machineRefreshInterval }

  /// The machine is to be asked for in the next reading.
  mutating func doubtsMachine() { machineDue = nil }

  /// A question was not answered. After a silence it may be another machine that answers.
  mutating func fails(_ question: Question, at now: Duration) {
    switch question {
    case .specs: specsDue = nil
    case .cgroups: cgroupsDue = now + Self.cgroupPause
    case .machine, .containers, .host: machineDue = nil
    }
  }

  private func isDue(_ due: Duration?, _ now: Duration) -> Bool {
    due.map { $0 <= now } ?? true
  }
}
