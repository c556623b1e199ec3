import Testing

@testable import Names

@Suite struct ServiceRecordsTests {
  private static func name(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  /// One record of the name that was asked for.
  private static func record(_ type: UInt8, _ data: [UInt8]) -> [UInt8] {
    [0xC0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, UInt8(data.count)] + data
  }

  private static func reply(_ records: [[UInt8]]) -> [UInt8] {
    [0, 1, 0x81, 0x80, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0]
      + name("_cadvisor._tcp.example") + [0, 33, 0, 1] + records.flatMap { $0 }
  }

  private static func srv(_ port: Int, _ target: [UInt8]) -> [UInt8] {
    record(33, [0, 10, 0, 5, UInt8(port >> 8), UInt8(port & 255)] + target)
  }

  @Test func `records lead to hosts and ports, by full names and by pointers`() {
    // `web2` and then what stands after `_cadvisor._tcp.` in the question.
    let pointer: [UInt8] = [4] + Array("web2".utf8) + [0xC0, 27]
    let reply = Self.reply([
      Self.srv(8080, Self.name("web1.example")), Self.record(1, [10, 0, 0, 1]),
      Self.srv(9100, pointer), Self.srv(80, [0]),
    ])
    #expect(
      ServiceRecords.places(in: reply) == [
        ServiceRecords.Place(host: "web1.example", port: 8080),
        ServiceRecords.Place(host: "web2.example", port: 9100),
      ])
  }

  @Test func `an answer that is cut anywhere is none, and traps nobody`() {
    let reply = Self.reply([
      Self.srv(8080, Self.name("web1.example")), Self.srv(1, Self.name("w")),
    ])
    for length in 0..<reply.count {
      #expect(ServiceRecords.places(in: Array(reply.prefix(length))) == nil, "\(length)")
    }
    #expect(ServiceRecords.places(in: reply)?.count == 2)
  }

  @Test func `a name that points to itself ends`() {
    #expect(ServiceRecords.places(in: Self.reply([Self.srv(1, [0xC0, 12 + 28 + 18])])) == nil)
    let loop: [UInt8] = [0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0xC0, 12, 0, 33, 0, 1]
    #expect(ServiceRecords.places(in: loop) == nil)
  }
}
