import Balancing
import Control
import Synchronization
import TestSupport
import Testing

/// How many are asked at once, and that those which hang keep nobody waiting.
struct FleetPollerOrderTests {
  /// Answers at once, or never.
  private struct Source: LoadSource {
    let name: EndpointName
    let host: HostName
    let hangs: Bool
    let underWay: Watermark

    func read() async throws(PortFailure) -> HostReading {
      underWay.rise()
      defer { underWay.fall() }
      if hangs {
        do {
          // Until it is cancelled: nobody moves that clock.
          try await ManualClock().sleep(for: .seconds(1))
        } catch {
          throw PortFailure(.cancelled, "\(name): given up")
        }
      }
      await Task.yield()
      return HostReading(answeredAt: nil, cores: 1, hostSample: nil, containers: [])
    }
  }

  private final class Watermark: Sendable {
    private let state = Mutex((now: 0, most: 0))

    func rise() {
      state.withLock { state in
        state.now += 1
        state.most = max(state.most, state.now)
      }
    }

    func fall() { state.withLock { $0.now -= 1 } }

    var most: Int { state.withLock(\.most) }
  }

  private static func poll(
    _ count: Int, hanging: Int
  ) async -> (answers: [EndpointOutcome], most: Int) {
    let underWay = Watermark()
    let sources = (0..<count).map { number in
      Source(
        name: EndpointName("http://web\(number):8080"), host: HostName("web\(number)"),
        hangs: number < hanging, underWay: underWay)
    }
    let start = ContinuousClock.now
    let poller = FleetPoller(clock: ContinuousClock()) {
      Timestamp(nanoseconds: 0).advanced(bySeconds: (ContinuousClock.now - start).inSeconds)
    }
    let reading = await poller.poll(
      endpoints: sources, balancers: [], peers: [], backends: [:],
      pace: Pace(interval: .seconds(10)))
    return (reading.endpoints, underWay.most)
  }

  @Test func `a large fleet is asked a few at a time, and answers in its own order`() async {
    let (answers, most) = await Self.poll(500, hanging: 0)
    #expect(answers.map(\.host) == (0..<500).map { HostName("web\($0)") })
    #expect(answers.allSatisfy { (try? $0.answer.get()) != nil })
    #expect(most < 250, "\(most) at once")
  }

  @Test func `those that hang keep nobody waiting`() async {
    let (answers, _) = await Self.poll(200, hanging: 150)
    #expect(answers.count == 200)
    let answered = answers.filter { (try? $0.answer.get()) != nil }
    #expect(answered.map(\.host) == (150..<200).map { HostName("web\($0)") })
  }
}
