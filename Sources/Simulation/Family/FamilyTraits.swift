internal import CheckedJSON

/// What is drawn of a scenario of the family, before its hosts and neighbours are.
package struct FamilyTraits: Hashable, Sendable {
  package enum Quotas: Hashable, Sendable {
    /// A server may use its whole host.
    case none
    /// Each has the same part of its host.
    case equal
    case unequal
  }

  package enum Rhythm: Hashable, Sendable {
    /// On and off for the same times again and again: one after the other, or all at once.
    case square(isStaggered: Bool)
    /// Exponential times.
    case random
  }

  package var algorithm: BalancerModel.Algorithm
  /// Where the algorithm is `random`.
  package var draws: Int
  package var ties: BalancerModel.Ties
  package var hosts: Int
  package var hostsAreEqual: Bool
  package var quotas: Quotas
  /// Whether the configured weights are in proportion to the limits, rather than all the same.
  package var weightsFollowLimits: Bool
  package var rhythm: Rhythm
  /// Hosts that have neighbours, the first ones.
  package var neighbourHosts: Int
  /// Seconds that a neighbour is there, in the mean.
  package var onSeconds: Double
  package var offSeconds: Double
  /// What a neighbour wants of its host, 0…1.
  package var neighbourPart: Double
  /// Demand over what the neighbours leave in the mean, 0…1.
  package var load: Double
  /// Coefficient of variation of the requests' cost.
  package var variation: Double
  package var lagSeconds: Double
  package var intervalSeconds: Double
  package var service: ServerModel.Service

  /// Long neighbours are those that stay so long that a controller can follow them.
  package static let longSeconds = 300.0
  package static let shortSeconds = 30.0

  init(_ random: inout SeededRandom) {
    algorithm = BalancerModel.Algorithm.allCases.randomElement(using: &random) ?? .roundrobin
    draws = random.chance(0.5) ? 2 : 4
    ties = random.chance(0.5) ? .latest : .rate
    hosts = Int.random(in: 3...10, using: &random)
    hostsAreEqual = random.chance(0.5)
    quotas = random.chance(0.5) ? .none : random.chance(0.5) ? .equal : .unequal
    weightsFollowLimits = random.chance(0.5)
    rhythm = random.chance(0.5) ? .random : .square(isStaggered: random.chance(0.75))
    switch Int.random(in: 0...2, using: &random) {
    case 0: neighbourHosts = 1
    case 1: neighbourHosts = Int.random(in: 2...max(2, hosts - 1), using: &random)
    default: neighbourHosts = hosts
    }
    onSeconds = random.logUniform(5, 600).rounded()
    offSeconds = (onSeconds * random.logUniform(0.5, 2)).rounded()
    neighbourPart = (0.2 + 0.7 * random.unit()).rounded(places: 2)
    load = (0.3 + 0.6 * random.unit()).rounded(places: 2)
    variation = (3 * random.unit()).rounded(places: 1)
    lagSeconds = random.chance(0.3) ? 0 : (30 * random.unit()).rounded()
    let intervals: [Double] = [2, 5, 10, 10, 10, 20, 30, 60]
    intervalSeconds = intervals.randomElement(using: &random) ?? 10
    service = random.chance(0.3) ? .sharing : .queue
  }

  /// What it is about, in a line.
  package var summary: String {
    let balance = algorithm == .random ? "random(\(draws))" : algorithm.rawValue
    let hostWords =
      "\(hosts) \(hostsAreEqual ? "equal" : "unequal") hosts"
      + (quotas == .none ? "" : quotas == .equal ? ", quotas" : ", unequal quotas")
    let rhythmWords =
      switch rhythm {
      case .random: "random"
      case .square(let isStaggered): isStaggered ? "staggered" : "simultaneous"
      }
    let times = "\(PlainNumber(onSeconds)) s on, \(PlainNumber(offSeconds)) s off"
    return """
      \(balance), \(hostWords); \(rhythmWords) neighbours of \
      \(PlainNumber(neighbourPart)) on \(neighbourHosts), \(times); \
      load \(PlainNumber(load)), cv \(PlainNumber(variation)), \
      lag \(PlainNumber(lagSeconds)) s, every \(PlainNumber(intervalSeconds)) s\
      \(service == .sharing ? ", a thread a request" : "")
      """
  }
}
