import Balancing
import Control
import HAProxyTestSupport
import Simulation
import Testing

@testable import EvenkeelDaemon

/// A cluster under evenkeel: real adapters and the real loop, with time and ticks in the test's hand.
///
/// One container runs behind each server, with its name and a quota of one core.
struct Stage {
  let cadvisors: [ScriptedCAdvisor]
  private let machines: [ScriptedMachine]
  let time: HandTime
  private let fleet: Fleet
  private var controller: FleetController
  private var reports: [TickReport] = []

  private init(
    cadvisors: [ScriptedCAdvisor], machines: [ScriptedMachine], time: HandTime, fleet: Fleet,
    controller: FleetController
  ) {
    self.cadvisors = cadvisors
    self.machines = machines
    self.time = time
    self.fleet = fleet
    self.controller = controller
  }

  /// Opens a configuration, runs `body`, holds the record of its ticks against the failure policy, and
  /// closes all that was opened.
  ///
  /// - Parameters:
  ///   - balancers: as the configuration has them.
  ///   - machines: which containers run on each.
  ///   - entries: under how many names each of them is listed, one after the other.
  ///   - interval: all deadlines follow from it.
  ///   - learned: by an earlier run.
  ///   - wrap: puts something between the loop and its balancers.
  static func run(
    balancers: String, backends: String = Self.halfway, machines: [[String]] = [["a", "b"]],
    entries: Int = 1, interval: String = "10s", learned: LearnedFleet = LearnedFleet(),
    wrap: (any Balancer) -> any Balancer = { $0 },
    _ body: (inout Stage) async throws -> Void
  ) async throws {
    let time = HandTime()
    var cadvisors: [ScriptedCAdvisor] = []
    let machines = machines.map { ScriptedMachine(containers: $0, time: time) }
    for machine in machines {
      for _ in 0..<entries {
        let cadvisor = try await ScriptedCAdvisor(machine: machine)
        try await cadvisor.start()
        cadvisors.append(cadvisor)
      }
    }
    let endpoints = cadvisors.enumerated()
      .map { #"{"url": "\#($1.url)", "host": "host\#($0 + 1)"}"# }.joined(separator: ", ")
    let configuration = try ConfigurationText.parse(
      ConfigurationText.small(
        #", "interval": "\#(interval)""#, cadvisors: "[\(endpoints)]", balancers: balancers,
        backends: backends))
    let fleet = try await Fleet.open(
      configuration, file: ConfigurationText.file, clock: SteadyClock())
    var stage = Stage(
      cadvisors: cadvisors, machines: machines, time: time, fleet: fleet,
      controller: FleetController(
        settings: fleet.settings, endpoints: fleet.endpoints,
        balancers: fleet.balancers.map(wrap), learned: learned, now: { time.now }))
    let outcome: Result<Void, any Error>
    do {
      outcome = .success(try await body(&stage))
      let violations = HistoryCheck.violations(in: stage.reports, settings: fleet.settings)
      #expect(violations.isEmpty)
    } catch {
      outcome = .failure(error)
    }
    await fleet.close()
    for cadvisor in cadvisors { try await cadvisor.stop() }
    try outcome.get()
  }

  /// The backend `web` under the strategy that needs no requests to learn from.
  static let halfway = #"[{"name": "web", "strategy": "halfway"}]"#
  /// The same, which goes on from a weight that somebody else set at once.
  static let disrespectful = #"[{"name": "web", "strategy": "halfway", "respect": "0s"}]"#

  /// Lets time pass with this CPU use, in cores by container, and runs a tick.
  ///
  /// - Parameter haproxy: takes a request meanwhile: what is idle is not levelled.
  mutating func tick(
    _ cores: [String: Double], after seconds: Double = 10, through haproxy: RealHAProxy? = nil
  ) async throws -> TickReport {
    if let haproxy { try await haproxy.visit() }
    for machine in machines { machine.work(seconds: seconds, cores: cores) }
    time.advance(bySeconds: seconds)
    let report = await controller.tick()
    reports.append(report)
    return report
  }

  /// What outlasts this run.
  var learned: LearnedFleet { controller.learned }

  /// What somebody asks for between two ticks.
  mutating func pause(_ scope: Brake.Scope, forSeconds seconds: Double? = nil) -> ControlEvent {
    controller.pause(scope, forSeconds: seconds, by: "root")
  }

  mutating func resume(_ scope: Brake.Scope) -> [ControlEvent] {
    controller.resume(scope, by: "root")
  }

  mutating func restore(_ scope: Brake.Scope) async -> FleetController.Restoration {
    let restoration = await controller.restore(scope, forSeconds: nil, by: "root")
    if let last = reports.indices.last { reports[last].events += restoration.events }
    return restoration
  }

  mutating func giveBackWeights() async -> [ControlEvent] {
    await controller.giveBackWeights().events
  }

  /// Two ticks: the first to see the counters, the second to act on their rates.
  ///
  /// - Returns: the second one's report with the events of both, but for what every start says.
  mutating func twoTicks(
    _ cores: [String: Double], through haproxy: RealHAProxy? = nil
  ) async throws -> TickReport {
    let first = try await tick(cores, through: haproxy)
    var second = try await tick(cores, through: haproxy)
    second.events = (first.events + second.events).filter { !$0.isOfEveryStart }
    return second
  }
}

extension ControlEvent {
  /// Whether it says no more than that a rate takes two samples.
  fileprivate var isOfEveryStart: Bool {
    switch self {
    case .backendHolds(_, .holding(.tooLittleFreshData)), .backendSteers: true
    default: false
    }
  }
}
