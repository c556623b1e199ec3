import Testing

@testable import Balancing

/// What others use on a host.
@Suite struct NeighbourLoadTests {
  private func load(after measured: [Double]) -> NeighbourLoad {
    var load = NeighbourLoad()
    for cores in measured { load.observe(cores, hostCores: 10) }
    return load
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
    let calm = [1.0, 1, 1]
    #expect(load(after: calm + [1.5]).cores == 1.25)
    #expect(isNear(load(after: calm + [1, 1.6]).cores, 1.2))
    let long = load(after: calm + Array(repeating: 1, count: 20) + [1.5])
    #expect(isNear(long.cores, 1.1))
    #expect(!long.isMoving)
    #expect(!long.hasStepped)
  }

  @Test func `a step is taken at once, and looked at closely`() {
    let calm = Array(repeating: 1.0, count: 20)
    let stepped = load(after: calm + [3.1])
    #expect(stepped.cores == 3.1)
    #expect(stepped.hasStepped)
    #expect(stepped.isMoving)
    let revealed = load(after: calm + [3.1, 4])
    #expect(revealed.cores == 4)
    #expect(!revealed.hasStepped)
    #expect(revealed.isMoving)
    #expect(!load(after: calm + [3.1, 4, 4, 4]).isMoving)
    #expect(load(after: calm + [0]).hasStepped == false)
    #expect(load(after: Array(repeating: 4.0, count: 20) + [0]).cores == 0)
  }

  @Test func `half a step is looked at once more, and taken if it was one`() {
    let calm = Array(repeating: 1.0, count: 20)
    let half = load(after: calm + [2.5])
    #expect(isNear(half.cores, 1.3))
    #expect(half.isMoving)
    #expect(!half.hasStepped)
    #expect(load(after: calm + [2.5, 2.5]).cores == 2.5)
    #expect(load(after: calm + [2.5, 2.5]).hasStepped)
    // Back again: it was none.
    #expect(load(after: calm + [2.5, 1]).cores < 1.3)
    #expect(!load(after: calm + [2.5, 1]).isMoving)
  }

  /// 1 core of neighbours all the time; our container idles for 10 s and uses 1 core for 10 s. The
  /// container's counter is read 2 s before the host's.
  @Test func `two counters that are read at different moments are set against each other`() {
    let machine = SampleRun([sample(0, 0), sample(10, 10), sample(20, 30)])
    let ours = NeighbourLoad.Ours(
      run: SampleRun([sample(0, 0), sample(10, 0), sample(18, 8)]), cores: 1)
    var load = NeighbourLoad()
    load.observe(machine, less: [ours], hostCores: 4)
    #expect(isNear(load.cores, 1))
    // The next window goes on where this one ended, and waits until there is enough of it.
    let soon = SampleRun([sample(20, 30), sample(22, 34)])
    load.observe(soon, less: [], hostCores: 4)
    #expect(isNear(load.cores, 1))
    load.observe(SampleRun([sample(20, 30), sample(24, 38)]), less: [], hostCores: 4)
    #expect(isNear(load.cores, 2))
  }

  @Test func `a container is not counted from before it is known`() {
    var load = NeighbourLoad()
    let machine = SampleRun([sample(0, 0), sample(10, 10), sample(20, 30)])
    let young = NeighbourLoad.Ours(run: SampleRun([sample(10, 7), sample(20, 17)]), cores: 1)
    load.observe(machine, less: [young], hostCores: 4)
    #expect(isNear(load.cores, 1))
  }

  @Test func `a clock that was set back begins anew`() {
    var load = NeighbourLoad()
    load.observe(SampleRun([sample(1000, 0), sample(1010, 10)]), less: [], hostCores: 4)
    load.observe(SampleRun([sample(20, 0), sample(30, 20)]), less: [], hostCores: 4)
    #expect(isNear(load.cores, 2))
    load.observe(SampleRun([]), less: [], hostCores: 4)
    #expect(isNear(load.cores, 2))
  }
}
