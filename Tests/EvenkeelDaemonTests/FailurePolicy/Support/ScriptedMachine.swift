import Balancing
import FoundationEssentials
import Synchronization

/// A machine with containers whose CPU counters a test moves, as its cAdvisor would show it.
final class ScriptedMachine: Sendable {
  struct Container: Sendable {
    /// The path of its cgroup.
    var id: String
    var cpuSeconds = 0.0
    /// Whether its samples have a CPU figure.
    var hasCPU = true
  }

  /// One core for each container, so that the CPU that it uses is its utilisation.
  private static let quotaMicroseconds = 100_000

  /// What a runtime calls a container is no other's anywhere.
  private let stem = String(UUID().uuidString.filter(\.isHexDigit))
  private let time: HandTime
  /// As `num_cores` is written.
  private let cores = Mutex("64")
  private let containers: Mutex<[String: Container]>

  init(containers names: [String], time: HandTime) {
    self.time = time
    containers = Mutex(
      Dictionary(
        names.map { ($0, Container(id: "/docker/\($0)-1")) }, uniquingKeysWith: { $1 }))
  }

  /// Lets its containers use so many cores each.
  func work(seconds: Double, cores: [String: Double]) {
    change { containers in
      for name in Array(containers.keys) {
        containers[name]?.cpuSeconds += seconds * (cores[name] ?? 0)
      }
    }
  }

  /// Writes another `num_cores`.
  func tellCores(_ cores: String) { self.cores.withLock { $0 = cores } }

  /// Changes the containers, which are listed by name.
  func change(_ body: (inout [String: Container]) -> Void) {
    containers.withLock { body(&$0) }
  }
}

extension ScriptedMachine {
  /// What its cAdvisor says to a path without the query; `nil` where there is nothing.
  func reply(to path: String) -> String? {
    let containers = containers.withLock { $0 }
    switch path {
    case "/api/v2.1/stats":
      return keyed(containers) { name, container in
        #"{"spec": {"aliases": ["\#(name)", "\#(runtimeID(of: container))"], "namespace": "docker"}, "stats": [\#(sample(container.cpuSeconds, container.hasCPU))]}"#
      }
    case "/api/v2.1/machinestats":
      return "[\(sample(containers.values.reduce(0) { $0 + $1.cpuSeconds }))]"
    case "/api/v1.3/docker/":
      return keyed(containers) { _, _ in
        #"{"spec": {"has_cpu": true, "cpu": {"quota": \#(Self.quotaMicroseconds), "period": 100000}}}"#
      }
    case "/api/v1.3/machine":
      return #"{"num_cores": \#(cores.withLock { $0 }), "boot_id": "one"}"#
    default:
      return nil
    }
  }

  private func runtimeID(of container: Container) -> String {
    let digits = container.id.utf8.map { String($0, radix: 16) }.joined()
    return stem + String((digits + String(repeating: "0", count: 32)).prefix(32))
  }

  private func keyed(
    _ containers: [String: Container], _ body: (String, Container) -> String
  ) -> String {
    let entries = containers.map { #""\#($1.id)": \#(body($0, $1))"# }
    return "{\(entries.joined(separator: ", "))}"
  }

  private func sample(_ cpuSeconds: Double, _ hasCPU: Bool = true) -> String {
    let (seconds, fraction) = time.now.nanoseconds.quotientAndRemainder(
      dividingBy: 1_000_000_000)
    let whole = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    let digits = String(String(1_000_000_000 + fraction).dropFirst())
    let used = UInt64(cpuSeconds * 1e9)
    let cpu = hasCPU ? #"{"usage": {"total": \#(used)}}"# : "{}"
    return #"{"timestamp": "\#(whole.dropLast()).\#(digits)Z", "cpu": \#(cpu)}"#
  }
}
