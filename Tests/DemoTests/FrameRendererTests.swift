import Terminal
import Testing

@testable import Demo

struct FrameRendererTests {
  private static let before = DemoSummary.Measurement(
    spread: 1.4321, p50Milliseconds: 61.7, p99Milliseconds: 12_345, weights: ["shop-1": 100],
    requests: 1000, failed: 3)

  private static let steering = Frame(
    phase: .steering, elapsed: .milliseconds(31_400), spread: 1.048,
    latency: LatencySummary(
      requests: 2100, failed: 2, p50: .microseconds(31_600), p99: .milliseconds(287)),
    requestRate: 209.6,
    rows: [
      Frame.Row(server: "shop-1", utilisation: 0.5, weight: 43, requestRate: 12.04),
      Frame.Row(server: "shop-22", utilisation: 1.013, weight: 256, requestRate: 71.96),
    ],
    before: before, remark: "shop/shop-1: weight 100 to 43")

  @Test func `a frame of a steered cluster`() {
    let renderer = FrameRenderer(style: TextStyle(width: 59, hasUnicode: false))
    #expect(
      renderer.lines(for: Self.steering) == [
        "evenkeel steers, 31 s since the start",
        "spread 1.05   p50 32 ms   p99 287 ms   210 requests/s   2 f",
        "",
        "server    utilisation                   weight   requests/s",
        "shop-1    ##########..........   50 %       43         12.0",
        "shop-22   ####################  101 %      256         72.0",
        "",
        "under equal weights: spread 1.43   p50 62 ms   p99 12.3 s",
        "evenkeel: shop/shop-1: weight 100 to 43",
      ])
  }

  @Test func `a frame before anything is known`() {
    let frame = Frame(
      phase: .equal(remaining: .milliseconds(14_100)), elapsed: .milliseconds(900), spread: nil,
      latency: nil, requestRate: nil,
      rows: [Frame.Row(server: "shop-1", utilisation: nil, weight: nil, requestRate: nil)],
      before: nil, remark: nil)
    #expect(
      FrameRenderer(style: TextStyle(width: 49)).lines(for: frame) == [
        "equal weights, evenkeel takes over in 15 s",
        "spread –   p50 –   p99 –   – requests/s",
        "",
        "server    utilisation         weight   requests/s",
        "shop-1                    –        –            –",
      ])
  }

  @Test func `colours tell how full a server is, and take no columns`() {
    let renderer = FrameRenderer(
      style: TextStyle(width: 59, hasColours: true, hasUnicode: false))
    let plain = FrameRenderer(style: TextStyle(width: 59, hasUnicode: false))
    let lines = renderer.lines(for: Self.steering)
    #expect(lines[4] == "\u{1B}[32m\(plain.lines(for: Self.steering)[4])\u{1B}[0m")
    #expect(lines[5].hasPrefix("\u{1B}[31m"))
  }

  @Test(arguments: [20, 45, 80, 200])
  func `no line is wider than the terminal`(width: Int) {
    let renderer = FrameRenderer(style: TextStyle(width: width))
    #expect(renderer.lines(for: Self.steering).allSatisfy { $0.count <= width })
  }

  @Test(arguments: [
    (0.0, "      "), (0.5, "███   "), (1.0, "██████"), (7.0, "██████"), (0.52, "███▏  "),
    (-1.0, "      "), (.nan, "      "),
  ])
  func `a bar is filled in eighths of a column`(fraction: Double, drawn: String) {
    #expect(TextStyle().bar(fraction, columns: 6) == drawn)
  }

  @Test(arguments: [
    (1.0, 2, "1.00"), (1.005, 1, "1.0"), (0.05, 1, "0.1"), (-0.06, 1, "-0.1"), (99.96, 1, "100.0"),
    (12.5, 0, "13"), (.nan, 2, "–"), (.infinity, 0, "–"), (1e300, 2, "–"), (0.007, 3, "0.007"),
  ])
  func `a number has a fixed count of decimals`(number: Double, decimals: Int, text: String) {
    #expect(fixed(number, decimals: decimals) == text)
  }

  @Test func `the summary compares before and after`() {
    let after = DemoSummary.Measurement(
      spread: 1.05, p50Milliseconds: 31, p99Milliseconds: 287.4, weights: ["shop-1": 43],
      requests: 900, failed: 0)
    let renderer = SummaryRenderer(style: TextStyle())
    #expect(
      renderer.lines(for: DemoSummary(before: Self.before, after: after)) == [
        "                         equal    evenkeel",
        "spread                    1.43        1.05",
        "p50                      62 ms       31 ms",
        "p99                     12.3 s      287 ms",
        "failed requests              3           0",
        "weight of shop-1           100          43",
      ])
    let summary = DemoSummary(before: Self.before, after: after, leastconn: Self.before)
    #expect(
      renderer.lines(for: summary).prefix(2) == [
        "                         equal    evenkeel   leastconn",
        "spread                    1.43        1.05        1.43",
      ])
    #expect(renderer.lines(for: DemoSummary()).count == 1)
    #expect(renderer.lines(for: DemoSummary(before: Self.before)).count == 1)
  }

  @Test func `the JSON summary has its keys, whatever was measured`() throws {
    let renderer = SummaryRenderer(style: TextStyle())
    #expect(
      try renderer.json(for: DemoSummary(before: Self.before)) == """
        {
          "after" : null,
          "before" : {
            "failed" : 3,
            "p50_ms" : 61.7,
            "p99_ms" : 12345,
            "requests" : 1000,
            "spread" : 1.4321,
            "weights" : {
              "shop-1" : 100
            }
          },
          "leastconn" : null,
          "version" : 1
        }
        """)
  }
}
