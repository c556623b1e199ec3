/// The quotas that servers share on a host.
struct Slices: Sendable {
  private var quotas: [SliceName: Double]

  init(_ scenario: Scenario) {
    quotas = Dictionary(
      scenario.slices.map { ($0.name, $0.quotaCores) }, uniquingKeysWith: { first, _ in first })
  }

  func quota(of slice: SliceName?) -> Double? { slice.flatMap { quotas[$0] } }

  mutating func set(_ quotaCores: Double, of slice: SliceName) { quotas[slice] = quotaCores }

  /// Hands out what slices have among their members on one host: a fair share to each that claims,
  /// and what is left over to whoever wants more.
  ///
  /// - Parameter members: what each claims, in cores.
  /// - Returns: by member, what it may claim of the host, and the most that it may use.
  func share(_ members: [(claim: Double, slice: SliceName?)]) -> [(claim: Double, most: Double)] {
    var shares = members.map { (claim: $0.claim, most: Double.infinity) }
    for (slice, quota) in quotas {
      let own = members.indices.filter { members[$0].slice == slice }
      guard !own.isEmpty else { continue }
      let given = SimulatedHost.fair(own.map { members[$0].claim }, of: quota)
      let rest = max(0, quota - given.reduce(0, +))
      for (member, cores) in zip(own, given) { shares[member] = (cores, cores + rest) }
    }
    return shares
  }

  /// How full each is on one host, 0…1.
  func uses(_ members: [(cores: Double, slice: SliceName?)]) -> [SliceName: Double] {
    var uses: [SliceName: Double] = [:]
    for (cores, slice) in members {
      guard let slice, let quota = quotas[slice] else { continue }
      uses[slice, default: 0] += cores / quota
    }
    return uses
  }
}
