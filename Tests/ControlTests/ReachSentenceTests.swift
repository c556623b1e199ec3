import Balancing
import Testing

@testable import Control

/// How it is told that plans do not follow the moment.
@Suite struct ReachSentenceTests {
  private func sentence(_ part: Double?, hasBetterBalance: Bool = false) -> String? {
    var status = BackendStatus(
      name: "shop", mode: .control, condition: .steering, servers: [], changes: [])
    status.reach = part.map { Reach(part: $0) }
    status.hasBetterBalance = hasBetterBalance
    return status.reachSentence
  }

  @Test func `what goes all the way, or is not known, is not worth a word`() {
    #expect(sentence(nil) == nil)
    #expect(sentence(1) == nil)
    #expect(sentence(0.85) == nil)
  }

  @Test func `that neighbours are watched is said`() {
    var status = BackendStatus(
      name: "shop", mode: .control, condition: .steering, servers: [], changes: [])
    #expect(status.watchSentence == nil)
    status.isWatching = true
    #expect(
      status.watchSentence
        == "looks more often: neighbours come and go on hosts that they crowd")
  }

  @Test func `what does not says how far, why, and what would serve better`() {
    #expect(
      sentence(0.4) == "goes 40 % of the way: neighbours change faster than weights can follow")
    #expect(
      sentence(0.4, hasBetterBalance: true)
        == "goes 40 % of the way: neighbours change faster than weights can follow; `balance "
        + "leastconn` or `balance random(4)` would serve better here")
  }
}
