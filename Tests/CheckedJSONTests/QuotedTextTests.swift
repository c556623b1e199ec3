import CheckedJSON
import Testing

struct QuotedTextTests {
  @Test func `a long value is cut and cannot act on a terminal`() {
    let shown = QuotedText("\u{1b}[2J\u{202e}" + String(repeating: "x", count: 10_000)).description
    #expect(shown == #"`\u{1b}[2J\u{202e}\#(String(repeating: "x", count: 55))…`"#)
  }
}
