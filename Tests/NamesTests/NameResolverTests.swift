import Synchronization
import Testing

@testable import Names

@Suite(.timeLimit(.minutes(1)))
struct NameResolverTests {
  /// A system that answers for names under `.up` and is silent about the rest until its gate opens.
  private final class System: Sendable {
    let gate = Gate()
    private let asked = Mutex<[String: Int]>([:])

    func questions(about name: String) -> Int { asked.withLock { $0[name] ?? 0 } }

    var resolver: NameResolver {
      NameResolver { [self] name in
        asked.withLock { $0[name, default: 0] += 1 }
        guard !name.hasSuffix(".up") else { return .success(["10.0.0.1"]) }
        gate.pass()
        return name.hasSuffix(".gone") ? .failure(.unknown("not known")) : .success(["10.0.0.9"])
      }
    }
  }

  @Test(arguments: ["10.0.0.1", "::1", "fe80::1%eth0"])
  func `an address is its own and is never looked up`(address: String) async throws {
    let system = System()
    let found = try await system.resolver.addresses(of: address, within: .zero)
    #expect(found == [address])
    #expect(system.questions(about: address) == 0)
  }

  @Test func `a name that nobody answers for holds up no other, however many ask for it`()
    async throws
  {
    let system = System()
    let resolver = system.resolver
    await withTaskGroup(of: Void.self) { group in
      for name in ["a.silent", "b.silent", "c.silent"] {
        for _ in 0..<20 {
          group.addTask {
            await #expect(throws: NameFailure.self) {
              try await resolver.addresses(of: name, within: .milliseconds(50))
            }
          }
        }
      }
      for index in 0..<20 {
        group.addTask {
          let found = try? await resolver.addresses(of: "web\(index).up", within: .seconds(30))
          #expect(found == ["10.0.0.1"])
        }
      }
    }
    #expect(system.questions(about: "a.silent") == 1, "one look-up at a time for each name")
    system.gate.open()
  }

  @Test func `who has no patience left is told that nobody has answered`() async throws {
    let system = System()
    let failure = try await #require(throws: NameFailure.self) {
      try await system.resolver.addresses(of: "web3.silent", within: .milliseconds(10))
    }
    #expect(
      failure.description.hasPrefix(
        "the name web3.silent is not resolved (no answer from the name server for "))
    system.gate.open()
  }

  @Test func `whoever waits gets the answer of the one look-up`() async throws {
    let system = System()
    let resolver = system.resolver
    async let first = resolver.addresses(of: "late.example", within: .seconds(30))
    async let second = resolver.addresses(of: "late.example", within: .seconds(30))
    system.gate.open()
    let found = try await (first, second)
    #expect(found.0 == ["10.0.0.9"] && found.1 == ["10.0.0.9"])
    #expect(system.questions(about: "late.example") == 1)
  }

  @Test func `a name that does not exist is said to be so`() async throws {
    let system = System()
    system.gate.open()
    let failure = try await #require(throws: NameFailure.self) {
      try await system.resolver.addresses(of: "web3.gone", within: .seconds(30))
    }
    #expect(failure.reason == .unknown("not known"))
  }

  @Test func `who is cancelled leaves at once`() async throws {
    let system = System()
    let resolver = system.resolver
    let waiting = Task { try await resolver.addresses(of: "a.silent", within: .seconds(600)) }
    waiting.cancel()
    await #expect(throws: NameFailure.self) { try await waiting.value }
    system.gate.open()
  }

  @Test func `more names than there are threads are all answered in the end`() async throws {
    let system = System()
    let resolver = system.resolver
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<600 {
        group.addTask {
          let found = try await resolver.addresses(of: "\(index).late", within: .seconds(50))
          #expect(found == ["10.0.0.9"])
        }
      }
      group.addTask { system.gate.open() }
      try await group.waitForAll()
    }
  }

  @Test func `the system knows this machine by name`() async throws {
    let found = try await NameResolver().addresses(of: "localhost", within: .seconds(30))
    #expect(found.contains("127.0.0.1") || found.contains("::1"))
    #expect(Set(found).count == found.count)
  }
}
