import Control
import Testing

@Suite struct ReloadDetectorTests {
  private static let first = ProcessIdentity(pid: 1, startedAtSeconds: 10)
  private static let second = ProcessIdentity(pid: 2, startedAtSeconds: 20)

  @Test func `what is only looked at is found again by whoever observes`() {
    var detector = ReloadDetector()
    #expect(detector.finding(for: Self.first) == .adopted)
    #expect(detector.observe(Self.first) == .adopted)
    #expect(detector.finding(for: Self.second) == .replaced)
    #expect(detector.finding(for: Self.second) == .replaced)
    #expect(detector.observe(Self.second) == .replaced)
    #expect(detector.finding(for: Self.second) == .sameProcess)
  }

  @Test func `an uptime that fell is found without being remembered`() {
    var detector = ReloadDetector()
    let process = ProcessIdentity(pid: 1, startedAtSeconds: nil)
    _ = detector.observe(process, uptimeSeconds: 50)
    #expect(detector.finding(for: process, uptimeSeconds: 3) == .replaced)
    #expect(detector.finding(for: process, uptimeSeconds: 60) == .sameProcess)
  }
}
