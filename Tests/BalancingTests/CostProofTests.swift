import FoundationEssentials
import Testing

@testable import Balancing

@Suite struct CostProofTests {
  private static func proof(windows: Int, seconds: Double = 600) throws -> CostProof {
    let sum = #"{"cpuSeconds":1,"requests":100,"seconds":\#(seconds)}"#
    return try JSONDecoder().decode(
      CostProof.self, from: Data(#"{"sum":\#(sum),"windows":\#(windows)}"#.utf8))
  }

  private static let window = ServerExaminer.Window(cpuSeconds: 0.1, requests: 10, seconds: 60)

  @Test func `it is given by enough windows that fit`() {
    var proof = CostProof()
    for _ in 1..<Int(CapacityConstants.noAccident) {
      proof.add(Self.window)
      #expect(proof.cost == nil)
    }
    proof.add(Self.window)
    #expect(proof.cost.map { abs($0 - 0.01) < 1e-12 } == true)
  }

  @Test(arguments: [Int.max, Int.max - 1, Int.min])
  func `one from a file goes on whatever it counts`(windows: Int) throws {
    var proof = try Self.proof(windows: windows)
    for _ in 0..<3 { proof.add(Self.window) }
    #expect((proof.cost != nil) == (windows > 0))
  }
}
