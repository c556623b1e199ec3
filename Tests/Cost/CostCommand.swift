import ArgumentParser
import Balancing
import CAdvisor
import Control
import FoundationEssentials
import HAProxy
import NIOCore
import TestSupport

/// Does one thing a number of times, for an instruction counter to look at; `packaging/cost` is how to
/// start it.
@main struct CostCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evenkeel-cost", abstract: "Does one thing again and again.")

  enum Operation: String, ExpressibleByArgument, CaseIterable {
    /// Decodes what a cAdvisor with default flags says of fifty containers, and of its machine.
    case reply
    /// The same of one that leaves out what it can.
    case leanReply = "lean-reply"
    /// Reads what HAProxy says of a backend of a thousand servers.
    case look
    /// A tick over 200 servers on 20 hosts.
    case tick
  }

  @Argument(help: "What: \(Operation.allCases.map(\.rawValue).joined(separator: ", ")).")
  var operation: Operation

  @Option(help: "How often.")
  var times = 10

  @Option(help: "The folder with cAdvisor's captured replies.")
  var replies = "Tests/CAdvisorTests/Replies/0.38.7"

  @Option(help: "The folder with HAProxy's.")
  var looks = "Tests/HAProxyTests/Replies/2.6.12"

  func run() async throws {
    switch operation {
    case .reply: try decode("v2.1-stats-docker-count1.json")
    case .leanReply: try decode("v2.1-stats-docker-lean-count2.json")
    case .look: try look(servers: 1_000)
    case .tick: await tick(servers: 200, hosts: 20)
    }
  }

  private func decode(_ file: String) throws {
    let folder = URL(filePath: replies)
    let one = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    // Five containers, ten times over: their ids begin with another digit each time.
    let entries = one.dropFirst().drop { $0.isNewline || $0 == " " }
    let inside = entries.prefix(upTo: entries.lastIndex(of: "}") ?? entries.endIndex)
    let fifty = (0..<10).map { round in
      inside.replacing("\"/docker/", with: "\"/docker/\(round)")
    }
    let body = ByteBuffer(string: "{\(fifty.joined(separator: ","))}")
    let host = ByteBuffer(
      bytes: try Data(contentsOf: folder.appending(path: "v2.1-machinestats-count2.json")))
    for _ in 0..<times {
      let reply = try ReplyDecoder.containers(Reply(body: body), .v2_1)
      let machine = try ReplyDecoder.host(Reply(body: host), .v2_1)
      guard reply.containers.count == 50, machine.sample != nil else { throw ExitCode.failure }
    }
  }

  private func look(servers: Int) throws {
    let folder = URL(filePath: looks)
    // The captured backend, with its first server as often as wanted.
    func reply(_ file: String, first: String) throws -> String {
      let captured = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      return captured.split(separator: "\n").map(String.init).flatMap { line in
        line.contains(first)
          ? (0..<servers).map { line.replacing("s1", with: "s1-\($0)") } : [line]
      }.joined(separator: "\n")
    }
    let statistics = try reply("stat-web.txt", first: ",s1,")
    let states = try reply("state-web.txt", first: " s1 ")
    let bytes = Array("\n> \(statistics)\n\n> \(states)\n\n> ".utf8)
    for _ in 0..<times {
      var framing = PromptFraming(limit: .max)
      // As HAProxy sends it, a buffer at a time.
      let replies = try stride(from: 0, to: bytes.count, by: 16_384).flatMap {
        try framing.receive(bytes[$0..<min($0 + 16_384, bytes.count)])
      }
      guard replies.count == 2,
        let status = try RuntimeBackend(
          named: "web", statistics: Table(statistics: replies[0]),
          states: Table(serversState: replies[1])),
        status.servers.count >= servers
      else { throw ExitCode.failure }
    }
  }

  private func tick(servers: Int, hosts: Int) async {
    let cluster = FakeCluster(
      servers: (0..<servers).map { number in
        FakeCluster.Server(
          ServerName("shop-\(number)"), host: HostName("web\(number % hosts)"),
          quotaCores: 0.1 * Double(number % 4 + 1))
      }, demand: ["lb1": 900, "lb2": 450])
    var controller = cluster.controller()
    for _ in 0..<times {
      _ = await controller.tick()
      cluster.advance(by: 10)
    }
  }
}
