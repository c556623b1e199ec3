import FoundationEssentials
import Testing

@testable import Balancing

@Suite struct NameTests {
  /// The same letter as one character, and as two that are joined.
  @Test func `names are one where their texts are`() {
    #expect(ServerName("a") != "b")
    #expect(ServerName("\u{E9}") == "e\u{301}")
    #expect(Set<ServerName>(["a", "b", "a", "\u{E9}", "e\u{301}"]).count == 3)
  }

  @Test func `a name that was written down and read again is the same`() throws {
    let names: [ServerName: HostName] = ["s1": "h1", "s2": "h2"]
    let written = try JSONEncoder().encode(names)
    #expect(String(decoding: written, as: UTF8.self).contains(#""s1":"h1""#))
    #expect(try JSONDecoder().decode([ServerName: HostName].self, from: written) == names)
  }
}
