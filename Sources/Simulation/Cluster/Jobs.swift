/// One request on its way.
struct Job: Sendable {
  var arrivedAt: Double
  /// CPU seconds that it costs.
  var work: Double
  var ioSeconds: Double
  var balancer: Int
  /// The process that took it; a later one does not count it.
  var process: Int
  var server = -1
  /// When it was sent there.
  var sentAt = 0.0
  /// Nobody waits for it any more.
  var hasExpired = false
}

/// All requests under way, in places that are used again.
struct Jobs: Sendable {
  private var places: [Job] = []
  private var free: [Int] = []

  subscript(index: Int) -> Job {
    get { places[index] }
    set { places[index] = newValue }
  }

  mutating func add(_ job: Job) -> Int {
    guard let place = free.popLast() else {
      places.append(job)
      return places.count - 1
    }
    places[place] = job
    return place
  }

  mutating func remove(_ index: Int) { free.append(index) }
}
