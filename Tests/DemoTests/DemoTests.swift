import FoundationEssentials
import Glibc
import Testing

@testable import Demo

/// The whole demo with a real HAProxy; a stand-in sets the weights in place of the daemon.
struct DemoTests {
  private struct DaemonFailed: Error {}

  /// Few and equally expensive requests, and no server that is full and has to catch up: light on
  /// the machine, and the figures hardly vary.
  private static var lightCluster: Cluster {
    var cluster = Cluster.standard
    cluster.meanCostSeconds = 0.01
    cluster.costVariation = 0
    cluster.load = 0.3
    return cluster
  }

  private func demo(
    in folder: TestFolder, seconds: Int?, json: Bool = false, output: DemoOutput,
    parts: DemoParts = .standIns
  ) -> Demo {
    Demo(
      options: DemoOptions(seconds: seconds, json: json), environment: ["TMPDIR": folder.path],
      output: output, parts: parts, cluster: Self.lightCluster)
  }

  @Sendable private func never() async {
    try? await ContinuousClock().sleep(for: .seconds(3600))
  }

  @Test func `ten seconds show what steering is good for, and leave nothing behind`() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let captured = CapturedOutput()
    let summary = try await demo(
      in: folder, seconds: 10, json: true, output: captured.destination()
    ).run(until: never)

    let before = try #require(summary.before)
    let after = try #require(summary.after)
    #expect(after.spread < before.spread)
    #expect(before.weights.values.allSatisfy { $0 == 100 })
    #expect(
      after.weights == [
        "shop-1": 40, "shop-2": 60, "shop-3": 80, "shop-4": 120, "shop-5": 160, "shop-6": 240,
      ])
    #expect(before.requests > 0 && after.requests > 0)
    let beside = try #require(summary.leastconn)
    #expect(after.spread < beside.spread && beside.requests > 0)
    #expect(beside.weights == before.weights)
    #expect(
      try JSONDecoder().decode(DemoSummary.self, from: Data(captured.output.utf8)) == summary)
    #expect(captured.error.contains("evenkeel steers"))
    #expect(try folder.contents == [])
  }

  @Test func `a demo that is told to stop ends in order, with what it has`() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let captured = CapturedOutput()
    let summary = try await demo(in: folder, seconds: nil, output: captured.destination())
      .run(until: {})
    #expect(summary.after == nil)
    #expect(captured.output.contains(folder.path))
    #expect(captured.output.contains("ctrl-C ends it"))
    #expect(captured.output.contains("stopped before"))
    #expect(try folder.contents == [])
  }

  @Test func `a daemon that fails ends the demo with its error`() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let captured = CapturedOutput()
    let parts = DemoParts(
      runDaemon: { _, _, _ in throw DaemonFailed() }, readWeights: weightsInHAProxy)
    await #expect(throws: DaemonFailed.self) {
      try await demo(
        in: folder, seconds: 10, output: captured.destination(canHideCursor: true), parts: parts
      ).run(until: never)
    }
    #expect(captured.output.hasSuffix(Screen.showCursor))
    #expect(try folder.contents == [])
  }

  @Test func `a demo whose output nobody reads any more ends`() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let captured = CapturedOutput()
    let error = await #expect(throws: DemoError.self) {
      try await demo(in: folder, seconds: nil, output: captured.destination(limit: 1))
        .run(until: never)
    }
    #expect(error?.kind == .outputClosed)
    #expect(try folder.contents == [])
  }

  @Test func `a demo killed on the spot leaves neither HAProxy nor its folder`() async throws {
    // The child makes its folder below its standard temporary one; it tells which.
    let result = await #expect(
      processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]
    ) {
      let folder = try TestFolder(named: "killed")
      var parts = DemoParts.standIns
      parts.readWeights = { socketPath in
        let process = try await haproxyProcess(at: socketPath) ?? 0
        print("\nKILLED \(process) \(folder.path)")
        fflush(nil)
        kill(getpid(), SIGKILL)
        return [:]
      }
      let captured = CapturedOutput()
      let demo = Demo(
        options: DemoOptions(), environment: ["TMPDIR": folder.path],
        output: captured.destination(), parts: parts)
      try await demo.run(until: { try? await ContinuousClock().sleep(for: .seconds(3600)) })
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let line = try #require(output.split(separator: "\n").first { $0.hasPrefix("KILLED ") })
    let words = line.split(separator: " ", maxSplits: 2)
    let process = try #require(Int32(words[1]))
    let folder = String(words[2])
    #expect(process > 0)
    #expect(try await eventually { !isRunning(process) })
    #expect(
      try await eventually { try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty })
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test func `a demo too short to measure anything is refused`() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let error = await #expect(throws: DemoError.self) {
      try await demo(in: folder, seconds: 9, output: CapturedOutput().destination())
        .run(until: never)
    }
    #expect(error?.kind == .tooShort(seconds: 9))
  }

  @Test func `a path too long for a socket is an error that says so`() async throws {
    let folder = try TestFolder(named: String(repeating: "x", count: 80))
    defer { folder.remove() }
    let error = await #expect(throws: DemoError.self) {
      try await demo(in: folder, seconds: nil, output: CapturedOutput().destination())
        .run(until: never)
    }
    #expect(error?.description.contains("TMPDIR") == true, "\(String(describing: error))")
    #expect(try folder.contents == [])
  }
}
