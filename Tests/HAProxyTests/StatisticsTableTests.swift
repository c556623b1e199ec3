import HAProxy
import Testing

@Suite struct StatisticsTableTests {
  @Test(arguments: CapturedReply.versions)
  func `every version's statistics have the servers in order and the backend last`(
    version: String
  ) throws {
    let table = try Table(statistics: CapturedReply.text("stat-web", version: version))
    #expect(
      table.rows.map { $0["svname"] } == ["s1", "s2", "b1", "off", "dead", "zero", "BACKEND"])
    #expect(table.rows.last?["algo"] == "roundrobin")
  }

  @Test func `the columns without a name of their own are not to be had`() throws {
    let table = try Table(statistics: CapturedReply.text("stat-web", version: "2.6.12"))
    #expect(table.rows.allSatisfy { $0[""] == nil })
  }

  @Test func `a quoted field may hold commas, quotes and newlines`() throws {
    let table = try Table(statistics: "# a,b,\n\"1,\"\"2\"\"\n3\",\"\",\n,x\"y,\n")
    #expect(table.rows.map { $0["a"] } == ["1,\"2\"\n3", nil])
    #expect(table.rows.map { $0["b"] } == [nil, "x\"y"])
  }

  @Test(arguments: [
    "", "No such proxy.", "Permission denied", "pxname,svname,\nweb,s1,\n", "# a,b,\n1,\n",
    "# a,b,\n1,2,3,\n", "# a,\n\"1,\n", "# a,\n\"1\"2,\n",
  ])
  func `what is not a table of statistics is refused`(reply: String) {
    #expect(throws: MalformedReply.self) { try Table(statistics: reply) }
  }

  @Test(arguments: [
    ("0", 0), ("18446744073709551615", Int.max), ("9223372036854775807", Int.max), ("-1", -1),
  ])
  func `a number that is too large counts as the largest`(text: String, number: Int) throws {
    let table = try Table(statistics: "# n,\n\(text),\n")
    #expect(try table.rows.map { row in try row.number("n") } == [number])
  }

  @Test(arguments: ["x", "1.5", "99999999999999999999", "1 "])
  func `a number that is none is an error and not a zero`(text: String) throws {
    let table = try Table(statistics: "# n,\n\(text),\n")
    #expect(throws: MalformedReply.self) { try table.rows.map { row in try row.number("n") } }
  }

  @Test(arguments: ["", "e"], ["x", "\u{301}", "\n"])
  func `a refusal fits into a line, whatever was sent`(first: String, character: String) throws {
    let long = first + String(repeating: character, count: 100_000)
    let refusal = try #require(throws: MalformedReply.self) { try Table(statistics: long) }
    #expect(refusal.reason.utf8.count < 400)
    let table = try Table(statistics: "# n,\n\"\(long)\",\n")
    let number = try #require(throws: MalformedReply.self) {
      try table.rows.map { row in try row.number("n") }
    }
    #expect(number.reason.utf8.count < 400)
  }
}
