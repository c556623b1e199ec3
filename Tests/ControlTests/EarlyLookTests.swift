import Balancing
import Testing

@testable import Control

/// Which hosts are asked before the interval is over.
struct EarlyLookTests {
  private static let fleet = (0..<1000).map { HostName("web\($0)") }

  @Test func `at the interval all are asked, and in between nobody whom no one waits for`() {
    var early = EarlyLook()
    #expect(early.hosts(of: Self.fleet, at: at(0), intervalSeconds: 10) == nil)
    #expect(early.hosts(of: Self.fleet, at: at(1), intervalSeconds: 10) == [])
    #expect(early.hosts(of: Self.fleet, at: at(8), intervalSeconds: 10) == [])
    #expect(early.hosts(of: Self.fleet, at: at(9.9), intervalSeconds: 10) == nil)
  }

  @Test func `in between those are asked that learn or clear, and their backend's others`() {
    var early = EarlyLook()
    _ = early.hosts(of: Self.fleet, at: at(0), intervalSeconds: 10)
    early.look(for: .init(first: ["web1"], others: ["web2"]))
    #expect(
      early.hosts(of: Self.fleet, at: at(1), intervalSeconds: 10) == ["web1", "web2"])
    early.look(for: .init())
    #expect(early.hosts(of: Self.fleet, at: at(2), intervalSeconds: 10) == [])
  }

  @Test func `of a thousand that learn a hundred are asked, and each has its turn`() {
    var early = EarlyLook()
    _ = early.hosts(of: Self.fleet, at: at(0), intervalSeconds: 20)
    early.look(for: .init(others: Set(Self.fleet)))
    var seen: Set<HostName> = []
    for second in 1...10 {
      let asked = early.hosts(of: Self.fleet, at: at(Double(second)), intervalSeconds: 20)
      #expect(asked?.count == 100)
      seen.formUnion(asked ?? [])
    }
    #expect(seen.count == 1000)
  }

  @Test func `a thousand that are looked at for long have their turns across full looks`() {
    var early = EarlyLook()
    var seen: Set<HostName> = []
    for second in stride(from: 0.0, through: 40, by: 2) {
      early.look(for: .init(others: Set(Self.fleet)))
      seen.formUnion(
        early.hosts(of: Self.fleet, at: at(second), intervalSeconds: 10) ?? [])
    }
    #expect(seen.count == 1000)
  }

  @Test func `what learns comes before what does not`() {
    var early = EarlyLook()
    _ = early.hosts(of: Self.fleet, at: at(0), intervalSeconds: 10)
    early.look(for: .init(first: ["web999"], others: Set(Self.fleet)))
    for second in 1...5 {
      let asked = early.hosts(of: Self.fleet, at: at(Double(second)), intervalSeconds: 10)
      #expect(asked?.contains("web999") == true)
    }
  }

  @Test(arguments: [(99, true), (100, true), (101, false)])
  func `while some have yet to learn, the others of a large fleet wait`(
    hosts: Int, areAsked: Bool
  ) {
    var early = EarlyLook()
    let fleet = Array(Self.fleet.prefix(hosts))
    _ = early.hosts(of: fleet, at: at(0), intervalSeconds: 10)
    early.look(for: .init(first: ["web1"], waiting: Set(fleet).subtracting(["web1"])))
    let asked = early.hosts(of: fleet, at: at(1), intervalSeconds: 10)
    #expect(asked == (areAsked ? Set(fleet) : ["web1"]))
  }

  @Test func `a backend that clears a queue has its others beside one that learns`() {
    var early = EarlyLook()
    _ = early.hosts(of: Self.fleet, at: at(0), intervalSeconds: 10)
    var wanted = EarlyLook.Wanted(first: ["web1"], waiting: Set(Self.fleet.suffix(900)))
    wanted.formUnion(.init(first: ["web2"], others: ["web3"]))
    early.look(for: wanted)
    #expect(
      early.hosts(of: Self.fleet, at: at(1), intervalSeconds: 10) == ["web1", "web2", "web3"])
  }

  @Test func `where a container may be anywhere all others come last`() {
    var early = EarlyLook()
    _ = early.hosts(of: Self.fleet, at: at(0), intervalSeconds: 10)
    early.look(
      for: .init(first: ["web500"], waiting: Set(Self.fleet.prefix(300)), mayBeAnywhere: true))
    let asked = early.hosts(of: Self.fleet, at: at(1), intervalSeconds: 10)
    #expect(asked?.count == 100 && asked?.contains("web500") == true)
  }

  @Test func `after another configuration all are asked`() {
    var early = EarlyLook()
    _ = early.hosts(of: Self.fleet, at: at(0), intervalSeconds: 10)
    early.forget()
    #expect(early.hosts(of: Self.fleet, at: at(1), intervalSeconds: 10) == nil)
  }
}
