import Systemd
import Testing

@Suite struct NotifyMessageTests {
  static let cases: [(NotifyMessage, String)] = [
    (.ready, "READY=1"),
    (.reloading(atMicroseconds: 12_345), "RELOADING=1\nMONOTONIC_USEC=12345"),
    (.stopping, "STOPPING=1"),
    (.status("2 backends, 6 servers, spread 1.04"), "STATUS=2 backends, 6 servers, spread 1.04"),
    (.watchdog, "WATCHDOG=1"),
    (.errno(22), "ERRNO=22"),
    (.errno(0), "ERRNO=0"),
  ]

  @Test(arguments: cases)
  func `each message has systemd's words`(message: NotifyMessage, assignments: String) {
    #expect(message.assignments == assignments)
  }

  @Test(arguments: [
    ("one\ntwo", "one two"),
    ("one\r\n\r\ntwo", "one two"),
    ("one\u{0}two", "one two"),
    ("one\u{85}two\u{2028}three", "one two three"),
    ("\nWATCHDOG=trigger\n", "WATCHDOG=trigger"),
    ("", ""),
  ])
  func `a status is one line, so that it cannot smuggle in an assignment`(
    text: String, line: String
  ) {
    #expect(NotifyMessage.status(text).assignments == "STATUS=\(line)")
  }

  @Test func `a status of the longest length is sent whole`() {
    let text = String(repeating: "x", count: NotifyMessage.maximumStatusBytes)
    #expect(NotifyMessage.status(text).assignments == "STATUS=\(text)")
  }

  @Test func `a longer status is cut between characters and says so`() {
    let family = "👩‍👩‍👧‍👦"
    let status = NotifyMessage.status(String(repeating: family, count: 100)).assignments
    let fitting = (NotifyMessage.maximumStatusBytes - "…".utf8.count) / family.utf8.count
    #expect(status == "STATUS=" + String(repeating: family, count: fitting) + "…")
  }

  @Test(arguments: UInt64(1)...200)
  func `any text becomes one line within the limit`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet = ["a", " ", "\n", "\r\n", "\u{0}", "é", "e\u{301}", "漢", "👩‍👩‍👧‍👦", "\u{2029}", "="]
    let count = Int.random(in: 0...1_500, using: &random)
    let text = (0..<count).compactMap { _ in alphabet.randomElement(using: &random) }.joined()

    let status = NotifyMessage.status(text).assignments.dropFirst("STATUS=".count)
    #expect(status.utf8.count <= NotifyMessage.maximumStatusBytes, "seed \(seed)")
    #expect(!status.contains { $0.isNewline || $0 == "\0" }, "seed \(seed)")
  }
}

private struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
