internal import Glibc
package import Balancing

/// How long a machine runs since which of its starts: what no setting of its clock changes.
package struct BootTime: Codable, Hashable, Sendable {
  /// The kernel's name for this start of the machine.
  package var id: String
  /// Sleep included.
  package var seconds: Double

  package init(id: String, seconds: Double) {
    self.id = id
    self.seconds = seconds
  }

  /// This moment; `nil` where the kernel does not tell.
  package static var now: BootTime? {
    guard let bytes = try? RegularFile.read("/proc/sys/kernel/random/boot_id", limit: 64) else {
      return nil
    }
    let id = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
    var time = timespec()
    guard !id.isEmpty, unsafe clock_gettime(CLOCK_BOOTTIME, &time) == 0 else { return nil }
    return BootTime(id: String(id), seconds: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
  }

  /// Seconds since an earlier moment; `nil` when that was before the machine started.
  func seconds(since earlier: BootTime) -> Double? {
    guard id == earlier.id, seconds.isFinite, seconds >= earlier.seconds else { return nil }
    return seconds - earlier.seconds
  }
}

/// A moment on evenkeel's own steady clock, from which a later process can go on.
package struct ClockMark: Codable, Hashable, Sendable {
  package var steady: Timestamp
  package var boot: BootTime

  package init(steady: Timestamp, boot: BootTime) {
    self.steady = steady
    self.boot = boot
  }

  /// What the steady clock shows now; `nil` when the machine was started since.
  func goingOn(at boot: BootTime?) -> Timestamp? {
    boot?.seconds(since: self.boot).map { steady.advanced(bySeconds: $0) }
  }
}
