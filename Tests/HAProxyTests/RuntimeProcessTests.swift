import HAProxy
import Testing

@Suite struct RuntimeProcessTests {
  @Test(arguments: [
    ("2.0.0", "2.0.0", 14757, nil, 4),
    ("2.6.12", "2.6.12-1+deb12u4", 15090, 1_795_555_138, 3),
    ("3.5-dev5", "3.5-dev5-50872daa6", 15681, 1_795_555_147, 3),
  ])
  func `a process tells who it is`(
    folder: String, version: String, pid: Int, start: Int?, uptime: Int
  ) throws {
    let process = try RuntimeProcess(reply: CapturedReply.text("info", version: folder))
    #expect(
      process
        == RuntimeProcess(
          identity: .init(pid: pid, startTimeSeconds: start), uptimeSeconds: uptime,
          isStopping: false, version: version, node: "lab1"))
  }

  @Test(arguments: CapturedReply.versions)
  func `every version's process can be read`(version: String) throws {
    let process = try RuntimeProcess(reply: CapturedReply.text("info", version: version))
    #expect(process.processCount == 1)
    #expect(!process.isStopping)
  }

  @Test func `a reload gives another identity and none of the old one's end`() throws {
    let old = try RuntimeProcess(
      reply: CapturedReply.text("reload-old-connection", version: "2.6.12"))
    let new = try RuntimeProcess(
      reply: CapturedReply.text("reload-new-connection", version: "2.6.12"))
    #expect(old.isStopping)
    #expect(!new.isStopping)
    #expect(old.identity != new.identity)
  }

  @Test(arguments: ["", "Unknown command", "Pid: 1\nVersion: 2", "Pid: x\nStopping: 0\nVersion: 2"])
  func `what is not about a process is refused`(reply: String) {
    #expect(throws: MalformedReply.self) { try RuntimeProcess(reply: reply) }
  }

  @Test func `the master's answer is not about a process`() throws {
    let reply = try CapturedReply.text("master-show-info", version: "2.6.12")
    #expect(throws: MalformedReply.self) { try RuntimeProcess(reply: reply) }
  }
}
