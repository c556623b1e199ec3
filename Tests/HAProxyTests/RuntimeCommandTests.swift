import HAProxy
import Testing

@Suite struct RuntimeCommandTests {
  private static let address = RuntimeAddress.unix(path: "/run/haproxy.sock")

  private static func command(server: String, weight: Int = 1) throws -> RuntimeCommand {
    .setWeight(
      of: try ProxyName(server, at: address), in: try ProxyName("b", at: address), to: weight)
  }

  @Test(arguments: ["odd.name:x_y-z", "srv.1:a_b-c", "1", "web-1"])
  func `a name that HAProxy's configuration admits is a name`(text: String) throws {
    #expect(try ProxyName(text, at: Self.address).text == text)
  }

  @Test(arguments: [
    "", " ", "a b", "a;b", "a\nb", "a\\b", "a\r", "a\0", "a\tb", "a/b", "#1", "é", "a\u{7F}",
    String(repeating: "a", count: 2049),
  ])
  func `a name that could be more than a name is refused`(text: String) {
    #expect {
      try ProxyName(text, at: Self.address)
    } throws: {
      ($0 as? RuntimeError)?.kind == .invalidName
    }
  }

  @Test func `commands are sent by the hundred, in order`() throws {
    let commands = try (0..<250).map { try Self.command(server: "s\($0)") }
    let batches = RuntimeCommand.batches(of: commands)
    #expect(batches.map(\.count) == [100, 100, 50])
    #expect(batches.flatMap { $0 } == commands)
    #expect(RuntimeCommand.batches(of: []) == [])
  }

  @Test func `a batch of long commands stays below half of HAProxy's buffer`() throws {
    let commands = try (0..<50).map { number in
      try Self.command(server: String(repeating: "x", count: 2000) + "\(number)")
    }
    let batches = RuntimeCommand.batches(of: commands)
    #expect(batches.flatMap { $0 } == commands)
    for batch in batches {
      #expect(batch.reduce(0) { $0 + $1.line.utf8.count + 1 } <= 8192)
    }
  }
}
