import TestSupport
import Testing

@testable import Balancing

/// When a backend is looked at more often.
@Suite struct NeighbourWatchTests {
  /// - Parameter found: whether hosts were found crowded, every two seconds.
  private func watch(_ found: [Bool?]) -> (watch: NeighbourWatch, asks: [Bool]) {
    var watch = NeighbourWatch()
    let asks = found.enumerated().map { look, isCrowded in
      watch.follow(isCrowded, at: at(2 * Double(look)), patience: 60)
    }
    return (watch, asks)
  }

  @Test func `it looks early while hosts are crowded, and once more when they are not`() {
    #expect(watch([false, true, true, false, false]).asks == [false, true, true, true, false])
  }

  @Test func `the look behind its end plans for an interval`() {
    #expect(watch([true]).watch.isUnderWay(at: at(2), every: 2))
    #expect(!watch([true, false]).watch.isUnderWay(at: at(4), every: 2))
  }

  @Test func `what could not be told this time does not end it, what cannot be told for long does`()
  {
    let (watch, asks) = watch([true] + Array(repeating: nil, count: 40))
    #expect(asks[1...30].allSatisfy { $0 })
    #expect(asks[32...].allSatisfy { !$0 })
    #expect(!watch.isUnderWay(at: at(82), every: 2))
  }

  @Test func `a look that is late plans for an interval`() {
    // As where evenkeel is run once a minute.
    #expect(!watch([true]).watch.isUnderWay(at: at(60), every: 2))
  }
}
