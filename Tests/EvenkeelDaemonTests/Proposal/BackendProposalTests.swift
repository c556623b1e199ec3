import Balancing
import Control
@testable import EvenkeelDaemon
import TestSupport
import Testing

/// Which rule `evenkeel init` proposes.
@Suite struct BackendProposalTests {
  private typealias Container = (alias: String, labels: [String: String])

  private func hosts(
    _ containers: [HostName: [Container]], addresses: [HostName: Set<String>] = [:]
  ) async -> [HostName: HostTrack] {
    await SampleStore().ingest(
      containers.map { host, containers in
        .listing(
          containers.map {
            ContainerReading(
              id: "\(host)-\($0.alias)", aliases: [$0.alias], labels: $0.labels, sample: nil,
              quotaCores: nil)
          }, on: host, addresses: addresses[host] ?? [])
      }
    ).hosts
  }

  private func proposal(
    _ servers: [BackendProposal.Server], _ hosts: [HostName: HostTrack]
  ) -> BackendProposal {
    BackendProposal(name: "shop", balancers: ["lb1"], servers: servers, hosts: hosts)
  }

  @Test func `equal names are the simplest rule, with a pattern for what they have in common`()
    async
  {
    let hosts = await hosts([
      "web1": [("shop-1", [:]), ("shop-12", [:]), ("cadvisor", [:])], "web2": [("shop-2", [:])],
    ])
    let found = proposal([("shop-1", nil), ("shop-12", nil), ("shop-2", nil)], hosts)
    #expect(found.rule == BackendProposal.Rule(pattern: "shop-.*"))
    #expect(found.matchedCount == 3)
  }

  @Test func `names without a common start need no pattern`() async {
    let hosts = await hosts(["web1": [("red", [:]), ("blue", [:])]])
    #expect(proposal([("red", nil), ("blue", nil)], hosts).rule == BackendProposal.Rule())
  }

  @Test func `a label is proposed where it names more servers`() async {
    let label = "haproxy.server"
    let hosts = await hosts([
      "web1": [("x", [label: "shop-1"]), ("shop-2", [label: "shop-2"])],
      "web2": [("y", [label: "shop-3", "tier": "shop-1"])],
    ])
    let found = proposal([("shop-1", nil), ("shop-2", nil), ("shop-3", nil)], hosts)
    #expect(found.rule == BackendProposal.Rule(label: label))
    #expect(found.matchedCount == 3)
  }

  @Test func `where each host runs a container of the same name the address tells them apart`()
    async
  {
    let containers: [Container] = [("app.v2", [:]), ("cadvisor", [:]), ("other", [:])]
    let hosts = await hosts(
      ["web1": containers, "web2": Array(containers.reversed())],
      addresses: ["web1": ["10.0.0.1"], "web2": ["10.0.0.2"]])
    let found = proposal([("s1", "10.0.0.1"), ("s2", "10.0.0.2")], hosts)
    #expect(found.rule == BackendProposal.Rule(pattern: "app\\.v2", matchesByAddress: true))
    #expect(found.matches["s2"]?.container?.id == "web2-app.v2")
  }

  @Test func `servers named like their hosts are told by that`() async {
    let hosts = await hosts(["web1": [("app", [:])], "web2": [("app", [:])]])
    let found = proposal([("web1", nil), ("web2", nil)], hosts)
    #expect(found.rule == BackendProposal.Rule(pattern: "app", server: "{host}"))
    #expect(found.matchedCount == 2)
  }

  @Test func `what fits nothing is left alone`() async {
    let hosts = await hosts(["web1": [("app", [:])]])
    #expect(proposal([("s1", nil), ("s2", nil)], hosts).matchedCount == 0)
  }

  @Test func `whatever the names, what is proposed is a configuration that matches as many`()
    async throws
  {
    for seed in UInt64(1)...40 {
      var generator = SeededGenerator(seed: seed)
      let parts = ["shop", "api-", "(", "a.b", "ü", "7", "*", "x_"]
      let names = Set(
        (0..<6).map { _ in
          (0..<3).map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
        })
      let hosts = await hosts(["web1": names.map { ($0, [:]) } + [("cadvisor", [:])]])
      let servers = names.sorted().map { (name: ServerName($0), address: String?.none) }
      let found = proposal(servers, hosts)
      #expect(found.matchedCount == names.count, "seed \(seed): \(found.rule) for \(names)")
      let configuration = FirstConfiguration(
        mode: .observe, endpoints: ["http://web1:8080"],
        balancers: [("lb1", "unix:/run/haproxy/admin.sock")],
        backends: [.init(name: found.name, balancers: found.balancers, rule: found.rule)])
      let text = try configuration.text(for: "config.json")
      #expect(text.contains("\"observe\""), "seed \(seed)")
    }
  }
}
