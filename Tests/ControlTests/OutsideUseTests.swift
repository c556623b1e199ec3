import Balancing
import TestSupport
import Testing

@testable import Control

/// What is used by what is in no container.
@Suite struct OutsideUseTests {
  private static func use(_ cores: [Double], every seconds: Double = 2) -> OutsideUse {
    var use = OutsideUse()
    for (index, cores) in cores.enumerated() {
      use.add(cores, until: at(Double(index + 1) * seconds), for: seconds)
    }
    return use
  }

  @Test func `it begins as nothing, and comes to what it is in some minutes`() {
    #expect(OutsideUse().cores == nil)
    #expect(Self.use([0.3]).cores.map { abs($0 - 0.01) < 1e-9 } == true)
    #expect(Self.use(Array(repeating: 0.3, count: 120)).cores.map { abs($0 - 0.3) < 0.01 } == true)
  }

  @Test func `what one counter saw before the other is none`() {
    // A neighbour of 0.6 that begins and ends, each time seen by the host's counter first.
    let errors = [15: 0.6, 0: -0.6]
    let cores = (0..<300).map { errors[$0 % 30] ?? 0.0 }
    #expect(Self.use(cores).cores ?? 1 < 0.05)
  }

  @Test func `what begins shows within seconds`() {
    let cores = Array(repeating: 0.0, count: 100) + Array(repeating: 0.6, count: 3)
    #expect(Self.use(cores).cores ?? 0 > 0.05)
  }

  @Test(arguments: 0..<100) func `it is never below nothing, nor no number`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let cores = (0..<60).map { _ in
      [Double.nan, .infinity, -5, 0, 3].randomElement(using: &random) ?? 0
    }
    if let cores = Self.use(cores).cores { #expect(cores >= 0 && cores.isFinite) }
  }
}
