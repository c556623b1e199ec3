import Testing

@testable import Balancing

/// What others use on a host.
@Suite struct NeighbourLoadTests {
  private func load(after measured: some Sequence<Double>) -> NeighbourLoad {
    var load = NeighbourLoad()
    for cores in measured { _ = load.observe(cores, hostCores: 10) }
    return load
  }

  /// Whether the last of them was a step.
  private func isStep(_ measured: [Double]) -> Bool {
    var load = load(after: measured.dropLast())
    return measured.last.map { load.observe($0, hostCores: 10) } ?? false
  }

  @Test func `nothing is known before anything was measured`() {
    #expect(NeighbourLoad().cores == 0)
    #expect(load(after: [3]).cores == 3)
  }

  @Test(arguments: [0.19, 0, -3]) func `what is hardly there is a measuring error`(cores: Double) {
    #expect(load(after: [cores]).cores == 0)
    #expect(load(after: [6, cores]).cores == 0)
  }

  /// The first two windows as they are, then their mean, which gains weight.
  @Test func `what goes up and down a little is smoothed`() {
    // The first two windows as they are, then their mean, which gains weight.
    let calm = [1.0, 1, 1]
    #expect(load(after: calm + [1.5]).cores == 1.25)
    #expect(isNear(load(after: calm + [1, 1.6]).cores, 1.2))
    let long = calm + Array(repeating: 1, count: 20) + [1.5]
    #expect(isNear(load(after: long).cores, 1.1))
    #expect(!load(after: long).isMoving)
    #expect(!isStep(long))
  }

  @Test func `a step is taken at once, and looked at closely`() {
    let calm = Array(repeating: 1.0, count: 20)
    #expect(isStep(calm + [3.1]))
    #expect(load(after: calm + [3.1]).cores == 3.1)
    #expect(load(after: calm + [3.1]).isMoving)
    #expect(load(after: calm + [3.1, 4]).cores == 4)
    #expect(!isStep(calm + [3.1, 4]))
    #expect(load(after: calm + [3.1, 4]).isMoving)
    #expect(!load(after: calm + [3.1, 4, 4, 4]).isMoving)
    #expect(isStep(Array(repeating: 4, count: 20) + [0]))
    #expect(load(after: Array(repeating: 4, count: 20) + [0]).cores == 0)
  }

  @Test func `half a step is looked at once more, and taken if it was one`() {
    let calm = Array(repeating: 1.0, count: 20)
    #expect(isNear(load(after: calm + [2.5]).cores, 1.3))
    #expect(load(after: calm + [2.5]).isMoving)
    #expect(!isStep(calm + [2.5]))
    #expect(isStep(calm + [2.5, 2.5]))
    #expect(load(after: calm + [2.5, 2.5]).cores == 2.5)
    // Back again: it was none.
    #expect(load(after: calm + [2.5, 1]).cores < 1.3)
    #expect(!load(after: calm + [2.5, 1]).isMoving)
  }

  @Test func `one that never rests is followed by the usual ticks in the end`() {
    var load = load(after: [1, 5, 1])
    let looks = (0..<40).map { _ in load.takeLook() }
    #expect(looks == Array(repeating: true, count: 12) + Array(repeating: false, count: 28))
    for _ in 0..<30 { _ = load.observe(1, hostCores: 10) }
    // At rest one look comes back with each tick.
    let rest = (0..<3).map { _ in load.takeLook() }
    #expect(rest == [false, false, false])
    _ = load.observe(9, hostCores: 10)
    let others = (0..<9).map { _ in load.takeLook() }
    #expect(others == [true, true, true] + Array(repeating: false, count: 6))
  }

  /// What was measured on a host of 4 cores, window by window.
  private func measured(
    _ windows: [(machine: [CPUSample], ours: [[CPUSample]])]
  ) -> [Double] {
    var load = NeighbourLoad()
    return windows.map { machine, ours in
      _ = load.observe(
        SampleRun(machine), less: ours.map { NeighbourLoad.Ours(run: SampleRun($0), cores: 1) },
        hostCores: 4, interval: 10)
      return load.cores
    }
  }

  /// 1 core of neighbours all the time; our container idles for 10 s and uses 1 core then. Its counter
  /// is read 2 s before the host's.
  @Test func `two counters that are read at different moments are set against each other`() {
    let machine = [sample(0, 0), sample(10, 10), sample(20, 30)]
    let ours = [sample(0, 0), sample(10, 0), sample(18, 8)]
    #expect(isNear(measured([(machine, [ours])]), [1]))
  }

  @Test func `a window goes on where the last one ended, and waits until there is enough of it`() {
    let machine = [sample(0, 0), sample(10, 10), sample(12, 14), sample(14, 18)]
    let found = measured([
      (Array(machine.prefix(2)), []), (Array(machine.prefix(3)), []), (machine, []),
    ])
    #expect(isNear(found, [1, 1, 2]))
  }

  @Test func `an idle container that is read rarely holds nothing up`() {
    let machine = [sample(0, 0), sample(30, 30)]
    var load = NeighbourLoad()
    let idle = NeighbourLoad.Ours(run: SampleRun([sample(0, 0), sample(2, 0)]), cores: 0)
    _ = load.observe(SampleRun(machine), less: [idle], hostCores: 4, interval: 10)
    #expect(isNear(load.cores, 1))
    // Nor does one that is listed without a sample: it goes on as it was.
    let listed = NeighbourLoad.Ours(run: SampleRun([]), cores: 0.5)
    let later = SampleRun([sample(30, 30), sample(40, 40)])
    _ = load.observe(later, less: [listed], hostCores: 4, interval: 10)
    #expect(isNear(load.cores, 0.5))
  }

  @Test func `a container is not counted from before it is known`() {
    let machine = [sample(0, 0), sample(10, 20), sample(20, 40)]
    #expect(isNear(measured([(machine, [[sample(10, 7), sample(20, 17)]])]), [1]))
  }

  @Test func `a clock that was set back begins anew`() {
    let found = measured([
      ([sample(1000, 0), sample(1010, 10)], []), ([sample(20, 0), sample(30, 20)], []), ([], []),
    ])
    #expect(isNear(found, [1, 2, 2]))
  }

  @Test func `a counter that broke is not believed, neither the machine's nor ours`() {
    let (before, after) = (
      [sample(0, 0), sample(10, 10)], [sample(20, 1e9), sample(30, 1e9 + 10)]
    )
    let quiet = [sample(10, 10), sample(20, 20), sample(30, 30)]
    #expect(
      isNear(
        measured([(before, []), (before + after.prefix(1), []), (before + after, [])]), [1, 1, 1]))
    #expect(
      isNear(
        measured([
          (before, []), (quiet, [[sample(10, 0), after[0]]]), (quiet, [[sample(10, 0), after[0]]]),
        ]), [1, 1, 1]))
  }
}
