import ArgumentParser
import Balancing
import CAdvisor
import Control
import FoundationEssentials
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
    /// A tick over 200 servers on 20 hosts.
    case tick
  }

  @Argument(help: "What: \(Operation.allCases.map(\.rawValue).joined(separator: ", ")).")
  var operation: Operation

  @Option(help: "How often.")
  var times = 10

  @Option(help: "The folder with captured replies.")
  var replies = "Tests/CAdvisorTests/Replies/0.38.7"

  func run() async throws {
    switch operation {
    case .reply: try decode("v2.1-stats-docker-count1.json")
    case .leanReply: try decode("v2.1-stats-docker-lean-count2.json")
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
