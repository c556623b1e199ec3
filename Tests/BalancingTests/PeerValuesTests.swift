import TestSupport
import Testing

@testable import Balancing

/// What each of many sees of the others.
@Suite struct PeerValuesTests {
  @Test func `each sees the median and the lower quartile of all others`() {
    let peers = PeerValues([4, nil, 1, 3, 2])
    #expect(peers.median(without: 0) == 2)
    #expect(peers.median(without: 1) == 2.5)
    #expect(peers.median(without: 2) == 3)
    #expect(peers.lowerQuartile(without: 1) == 1)
    #expect(peers.lowerQuartile(without: 2) == 2)
  }

  @Test func `the only one that is known sees nobody, and the others see it`() {
    let peers = PeerValues([nil, 7, nil])
    #expect(peers.median(without: 1) == nil)
    #expect(peers.lowerQuartile(without: 1) == nil)
    #expect(peers.median(without: 0) == 7)
  }

  @Test func `it is what leaving one out and sorting the rest gives`() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<300 {
      // Few different values, so that many are equal.
      let values: [Double?] = (0..<Int.random(in: 1...9, using: &random)).map { _ in
        Int.random(in: 0...5, using: &random) == 0
          ? nil : Double(Int.random(in: 0...4, using: &random))
      }
      let peers = PeerValues(values)
      for index in values.indices {
        let others = values.indices.filter { $0 != index }.compactMap { values[$0] }.sorted()
        #expect(peers.median(without: index) == others.median)
        #expect(
          peers.lowerQuartile(without: index)
            == (others.isEmpty ? nil : others[(others.count - 1) / 4]))
      }
    }
  }
}
