import Balancing
import Testing

@testable import Control

/// What servers in one slice, pod or task have of its limit.
@Suite struct SharedPartsTests {
  private struct Container {
    var id: String
    var host: HostName = "h1"
    var state = ServerState.up
    var quota: Double?
    var shared: SharedLimit?
    var cpus: Set<Int>?
  }

  /// The limits of containers, each of which is a server.
  private static func limits(_ containers: [Container]) -> [Double?] {
    var hosts: [HostName: HostTrack] = [:]
    for (host, those) in Dictionary(grouping: containers, by: \.host) {
      var track = HostTrack()
      _ = track.take(
        HostReading(
          answeredAt: nil, cores: 8, hostSample: nil,
          containers: those.map {
            ContainerReading(
              id: $0.id, aliases: [$0.id], labels: [:], sample: nil, quotaCores: $0.quota,
              sharedLimit: $0.shared, pinnedCPUs: $0.cpus)
          }), receivedAt: Timestamp(nanoseconds: 0))
      hosts[host] = track
    }
    let keys = containers.map { ContainerKey(host: $0.host, id: $0.id, alias: $0.id) }
    let names = containers.map { ServerName("\($0.host)/\($0.id)") }
    let samples = SampleView(hosts: hosts, inventoryVersion: 1)
    let servers = zip(zip(names, keys), containers).map {
      MatchedServer(
        BackendServers.Server(name: $0.0, address: nil, state: $1.state, byBalancer: [:]),
        .container($0.1, .alias), in: samples)
    }
    let parts = SharedParts(
      servers,
      hosts.mapValues { CPUContention($0, serving: Set(containers.map(\.id))) })
    return keys.map { key in
      hosts[key.host]?.containers[key.id].flatMap { parts.limit(of: key, $0) }
    }
  }

  private static let slice = SharedLimit(id: "/slice", cores: 3)

  @Test func `those in one slice have equal parts of it`() {
    let those = ["a", "b", "c"].map { Container(id: $0, shared: Self.slice) }
    #expect(Self.limits(those) == [1, 1, 1])
  }

  @Test func `one that takes no traffic takes no part`() {
    #expect(
      Self.limits([
        Container(id: "a", shared: Self.slice),
        Container(id: "b", state: .maintenance, shared: Self.slice),
      ]) == [3, 3])
  }

  @Test func `slices of one name on two hosts are two`() {
    #expect(
      Self.limits([
        Container(id: "a", shared: Self.slice),
        Container(id: "a", host: "h2", shared: Self.slice),
      ]) == [3, 3])
  }

  @Test func `the least limit counts`() {
    #expect(
      Self.limits([
        Container(id: "a", quota: 0.5, shared: Self.slice),
        Container(id: "b", quota: 2, shared: Self.slice),
      ]) == [0.5, 1.5])
  }

  @Test func `those pinned to the same CPUs have equal parts of them`() {
    #expect(
      Self.limits([
        Container(id: "a", cpus: [0, 1]), Container(id: "b", cpus: [0, 1]),
        Container(id: "c", quota: 0.5, cpus: [2]),
      ]) == [1, 1, 0.5])
  }

  @Test func `without any limit there is none`() {
    #expect(Self.limits([Container(id: "a")]) == [nil])
  }
}
