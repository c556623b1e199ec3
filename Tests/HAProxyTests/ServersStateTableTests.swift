import HAProxy
import Testing

@Suite struct ServersStateTableTests {
  @Test(arguments: CapturedReply.versions)
  func `every version tells weight and state of each server`(version: String) throws {
    let table = try Table(serversState: CapturedReply.text("state-web", version: version))
    #expect(table.rows.map { $0["srv_name"] } == ["s1", "s2", "b1", "off", "dead", "zero"])
    #expect(
      try table.rows.map { try $0.requiredNumber("srv_uweight") } == [100, 100, 100, 100, 100, 0])
    #expect(try table.rows.map { try $0.requiredNumber("srv_admin_state") } == [0, 0, 0, 5, 0, 0])
    #expect(try table.rows.map { try $0.requiredNumber("srv_op_state") } == [2, 2, 2, 0, 0, 2])
  }

  @Test(arguments: ["2\n# be_name srv_name\nweb s1", "", "1", "Can't find backend.", "1\nweb s1"])
  func `another format is refused`(reply: String) {
    #expect(throws: MalformedReply.self) { try Table(serversState: reply) }
  }

  @Test func `a row that is cut short lacks what is required`() throws {
    let table = try Table(serversState: "1\n# srv_name srv_uweight\ns1")
    #expect(throws: MalformedReply.self) {
      try table.rows.map { try $0.requiredNumber("srv_uweight") }
    }
  }
}
