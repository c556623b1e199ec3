import Balancing
import Testing

@testable import Control

/// What the kernel leaves a container beside others.
@Suite struct CPUContentionTests {
  private struct Container {
    var id: String
    var cores: Double
    var shares: Double? = 1024
    var cpus: Set<Int>?
  }

  /// A host of 4 cores, of which each container used so many for 10 s.
  private static func track(_ containers: [Container]) -> HostTrack {
    var track = HostTrack()
    for second in [10.0, 20] {
      let reading = HostReading(
        answeredAt: nil, cores: 4, hostSample: nil,
        containers: containers.map { container in
          ContainerReading(
            id: container.id, aliases: [container.id], labels: [:],
            sample: CPUSample(
              timestamp: Timestamp(nanoseconds: Int64(second * 1e9)),
              cpuNanoseconds: UInt64(container.cores * second * 1e9)),
            quotaCores: container.cpus.map { Double($0.count) },
            cpuShares: container.shares, pinnedCPUs: container.cpus)
        })
      _ = track.take(reading, receivedAt: Timestamp(nanoseconds: Int64(second * 1e9)))
    }
    return track
  }

  @Test func `alone beside what is no container it has a half by right`() {
    let track = Self.track([Container(id: "ours", cores: 1), Container(id: "idle", cores: 0)])
    #expect(CPUContention(track, serving: ["ours"]).fairPart == 0.5)
    #expect(CPUContention(track, serving: []).fairPart == 0)
  }

  @Test func `a busy container beside it takes by its shares`() {
    let track = Self.track([
      Container(id: "ours", cores: 0, shares: 512), Container(id: "busy", cores: 3, shares: 1536),
    ])
    #expect(CPUContention(track, serving: ["ours"]).fairPart == 0.125)
  }

  /// A host of 4 cores, seen for two minutes.
  private static func watched(outside: Double) -> HostTrack {
    var track = HostTrack()
    for second in stride(from: 10.0, through: 130, by: 10) {
      func sample(_ cores: Double) -> CPUSample {
        CPUSample(
          timestamp: Timestamp(nanoseconds: Int64(second * 1e9)),
          cpuNanoseconds: UInt64(cores * second * 1e9))
      }
      let containers = [("ours", 1.0), ("busy", 2.0)].map { id, cores in
        ContainerReading(
          id: id, aliases: [id], labels: [:], sample: sample(cores), quotaCores: nil,
          cpuShares: 1024, pinnedCPUs: nil)
      }
      let reading = HostReading(
        answeredAt: nil, cores: 4, hostSample: sample(3 + outside), containers: containers)
      _ = track.take(reading, receivedAt: Timestamp(nanoseconds: Int64(second * 1e9)))
    }
    return track
  }

  @Test func `what is no container counts where it is busy`() {
    #expect(CPUContention(Self.watched(outside: 0), serving: ["ours"]).fairPart == 0.5)
    #expect(CPUContention(Self.watched(outside: 0.9), serving: ["ours"]).fairPart == 0.25)
  }

  @Test func `those pinned to the same CPU have it by their shares`() throws {
    let track = Self.track([
      Container(id: "a", cores: 0.1, cpus: [0]), Container(id: "b", cores: 0.1, cpus: [0]),
      Container(id: "busy", cores: 0.7, shares: 3072, cpus: [0, 1]),
      Container(id: "idle", cores: 0.001, cpus: [0]),
      Container(id: "elsewhere", cores: 1, cpus: [3]),
    ])
    let contention = CPUContention(track, serving: ["a", "b"])
    func part(_ id: String) throws -> Double? {
      contention.pinnedPart(of: id, try #require(track.containers[id]))
    }
    #expect(try part("a") == 0.2)
    #expect(try part("elsewhere") == 1)
  }

  @Test func `a container that may run anywhere is bound to no part`() throws {
    let track = Self.track([Container(id: "a", cores: 1, shares: nil)])
    let contention = CPUContention(track, serving: ["a"])
    #expect(contention.pinnedPart(of: "a", try #require(track.containers["a"])) == nil)
  }
}
