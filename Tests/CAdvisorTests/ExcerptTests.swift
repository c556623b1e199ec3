import NIOCore
import Testing

@testable import CAdvisor

struct ExcerptTests {
  static let cases: [(body: [UInt8], text: String)] = [
    (Array("ok\n".utf8), "ok"),
    (Array("a\r\nFAKE LOG LINE\u{1b}[31m".utf8), "a  FAKE LOG LINE [31m"),
    ([0x61, 0x00, 0xff, 0x62], "a \u{fffd}b"),
    (Array("a\u{202e}b\u{2028}c".utf8), "a b c"),
    (Array("grüße".utf8), "grüße"),
    ([], ""),
  ]

  @Test(arguments: cases)
  func `foreign bytes become one printable line`(_ case: (body: [UInt8], text: String)) {
    #expect(Excerpt.of(ByteBuffer(bytes: `case`.body)) == `case`.text)
  }

  @Test func `a long text is cut, and says so`() {
    let text = Excerpt.of(String(repeating: "é", count: 500))
    #expect(text == String(repeating: "é", count: 100) + "…")
    #expect(Excerpt.of(String(repeating: "x", count: 200)) == String(repeating: "x", count: 200))
  }
}
