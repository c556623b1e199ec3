import FoundationEssentials
import Glibc

/// An empty folder, in which the demo's own are made.
struct TestFolder {
  let path: String

  init(named name: String = "demo") throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "\(name)-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path) }
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Whether a process runs: not gone, and not just waiting for its parent to ask what became of it.
func isRunning(_ process: Int32) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
    return false
  }
  // The state follows the command's name, which is in parentheses.
  return status.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// The process that started another one.
func parent(of process: Int32) throws -> Int32? {
  let status = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
  let fields = status.split(separator: ")").last?.split(separator: " ") ?? []
  return fields.count > 1 ? Int32(fields[1]) : nil
}

/// The process behind HAProxy's Runtime API.
func haproxyProcess(at socketPath: String) async throws -> Int32? {
  try await runtimeCommand("show info", at: socketPath).split(separator: "\n")
    .first { $0.hasPrefix("Pid: ") }
    .flatMap { Int32($0.dropFirst("Pid: ".count)) }
}

/// Waits until a condition holds, for up to half a minute.
///
/// - Returns: whether it came to hold.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + .seconds(30)
  while clock.now < deadline {
    if try await condition() { return true }
    try await clock.sleep(for: .milliseconds(20))
  }
  return false
}
