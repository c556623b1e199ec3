internal import FoundationEssentials
internal import Glibc

/// What the kernel says of this process, under the names that Prometheus' own clients use.
package struct ProcessFigures: Sendable {
  package var cpuSeconds: Double?
  package var residentBytes: Double?
  package var openDescriptors: Double?
  package var mostDescriptors: Double?

  /// Reads them; what cannot be read is left out.
  package static var now: ProcessFigures {
    var figures = ProcessFigures()
    var usage = rusage()
    if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
      figures.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
    var limit = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      figures.mostDescriptors = Double(limit.rlim_cur)
    }
    figures.openDescriptors =
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))
      .map { Double($0.count) }
    let memory = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?
      .split(separator: " ")
    if let memory, memory.count > 1, let pages = Double(memory[1]) {
      figures.residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
    return figures
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  func write(to text: inout MetricsText) {
    text.family(
      "process_cpu_seconds_total", .counter, "CPU time that the process used.", cpuSeconds)
    text.family(
      "process_resident_memory_bytes", .gauge, "Memory of the process.", residentBytes)
    text.family(
      "process_open_fds", .gauge, "File descriptors that are open.", openDescriptors)
    text.family("process_max_fds", .gauge, "The most that may be open.", mostDescriptors)
  }
}
