import Testing

@testable import Balancing
@testable import Control

/// Which hosts a plan wants to see soon.
@Suite struct EarlyLookPlanTests {
  private static func server(
    _ name: ServerName, requests: Double = 100, target: ServerPlan.Target = .share(1)
  ) -> ServerPlan {
    let measured = Load.Measured(
      cores: 0.5, limitCores: 1, utilisation: Utilisation(0.5, of: .quota),
      began: Timestamp(nanoseconds: 0), host: "web1")
    return ServerPlan(
      name: name, target: target, measured: measured, evidenceRequests: requests)
  }

  private static func matches(_ servers: [ServerPlan]) -> [ServerName: Match] {
    Dictionary(
      servers.map { server in
        let key = ContainerKey(
          host: HostName("on-\(server.name)"), id: server.name.text, alias: server.name.text)
        return (server.name, .container(key, .alias))
      }, uniquingKeysWith: { first, _ in first })
  }

  @Test func `those of which little is known come first, and those that get less for a reason`() {
    var clearing = Self.server("c")
    clearing.cause = .clearing(requests: 5)
    let servers = [
      Self.server("a"), Self.server("b", requests: 29), clearing,
      Self.server("d", target: .reduce(by: 0.5, .returning)),
    ]
    let wanted = EarlyLook.Wanted(
      Plan(verdict: .change, servers: servers), of: servers.map { _ in .up },
      Self.matches(servers))
    #expect(wanted == .init(first: ["on-b", "on-c", "on-d"], others: ["on-a"]))
  }

  @Test func `while the plan is for learners alone the others wait`() {
    let servers = [Self.server("a"), Self.server("b", requests: 0)]
    var plan = Plan(verdict: .change, servers: servers)
    (plan.isForLearners, plan.watchedHosts) = (true, ["watched"])
    let wanted = EarlyLook.Wanted(plan, of: [.up, .up], Self.matches(servers))
    #expect(wanted == .init(first: ["on-b", "watched"], waiting: ["on-a"]))
  }

  @Test(arguments: [(ServerState.up, true), (.maintenance, false)])
  func `a server without a container may be anywhere while it takes traffic`(
    state: ServerState, mayBe: Bool
  ) {
    let wanted = EarlyLook.Wanted(
      Plan(verdict: .change, servers: [Self.server("a")]), of: [state], [:])
    #expect(wanted == .init(mayBeAnywhere: mayBe))
  }
}
