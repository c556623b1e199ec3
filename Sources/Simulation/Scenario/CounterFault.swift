/// What may be wrong with a CPU counter.
package enum CounterFault: Hashable, Sendable {
  /// The total stands still while its timestamps go on.
  case frozen
  /// The total is 0 while its timestamps go on.
  case zero
  /// There is none: a sample without `cpu`.
  case missing
  /// The total shows a part alone of what is used.
  case slow(part: Double)
  /// The next sample is too high by so much, and the one after it is right.
  case spike(cpuSeconds: Double)
  /// The next sample is 0, and the one after it is right.
  case fall

  /// What no machine can have used: some thirty years.
  package static let years = 1e9
  package static let smallPart = 0.05

  /// Whether it is one sample's, which the next one contradicts.
  package var isMomentary: Bool {
    switch self {
    case .spike, .fall: true
    case .frozen, .zero, .missing, .slow: false
    }
  }
}
