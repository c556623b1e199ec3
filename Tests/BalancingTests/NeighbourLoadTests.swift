import Testing

@testable import Balancing

/// What others use on a host.
@Suite struct NeighbourLoadTests {
  /// What was measured on a host of 10 cores, in windows of 10 s.
  private func load(after measured: some Sequence<Double>) -> NeighbourLoad {
    var load = NeighbourLoad()
    _ = moves(measured, of: &load)
    return load
  }

  /// Whether each window was a move.
  private func moves(
    _ measured: some Sequence<Double>, of load: inout NeighbourLoad, from start: Double = 0
  ) -> [Bool] {
    var (time, used) = (start, 0.0)
    return measured.map { cores in
      let window = [sample(time, used), sample(time + 10, used + 10 * cores)]
      (time, used) = (time + 10, used + 10 * cores)
      return load.observe(
        SampleRun(window), less: [], hostCores: 10, interval: 10, pace: 10, now: at(time))
    }
  }

  @Test func `nothing is known before anything was measured`() {
    #expect(NeighbourLoad().now == nil && NeighbourLoad().part(lag: 10) == 0)
    #expect(isNear(load(after: [3]).now ?? 0, 0.3))
  }

  @Test(arguments: [0.19, 0]) func `what is hardly there is a measuring error`(cores: Double) {
    #expect(load(after: [cores]).now == 0)
    #expect(load(after: [6, cores]).now == 0)
  }

  @Test func `a move is looked at closely until they rest`() {
    var load = NeighbourLoad()
    #expect(
      moves([1, 1, 1.9, 3.1, 4.2, 4.2], of: &load) == [false, false, false, true, true, false])
    #expect(!load.isMoving)
  }

  @Test func `one that never rests is followed by the usual ticks in the end`() {
    var load = load(after: [1, 5, 1])
    let looks = (0..<40).map { _ in load.takeLook() }
    #expect(looks == Array(repeating: true, count: 15) + Array(repeating: false, count: 25))
    _ = moves(Array(repeating: 1, count: 30), of: &load, from: 30)
    // At rest one look comes back with each tick.
    let rest = (0..<3).map { _ in load.takeLook() }
    #expect(rest == [false, false, false])
    _ = moves([9], of: &load, from: 330)
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
        hostCores: 4, interval: 10, pace: 10, now: machine.last?.timestamp ?? at(0))
      return (load.now ?? 0) * 4
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
    _ = load.observe(
      SampleRun(machine), less: [idle], hostCores: 4, interval: 10, pace: 10, now: at(30))
    #expect(isNear(load.now ?? 0, 0.25))
    // Nor does one that is listed without a sample: it goes on as it was.
    let listed = NeighbourLoad.Ours(run: SampleRun([]), cores: 0.5)
    let later = SampleRun([sample(30, 30), sample(40, 40)])
    _ = load.observe(later, less: [listed], hostCores: 4, interval: 10, pace: 10, now: at(40))
    #expect(isNear(load.now ?? 0, 0.125))
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
