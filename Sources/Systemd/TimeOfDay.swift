internal import Glibc

/// Hour, minute and second in the time zone of this machine, or of the variable TZ.
struct TimeOfDay: Hashable, Sendable, CustomStringConvertible {
  let hour: Int32
  let minute: Int32
  let second: Int32

  init(hour: Int32, minute: Int32, second: Int32) {
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// - Parameter seconds: Seconds since the Unix epoch.
  init(secondsSinceEpoch seconds: Int) {
    var seconds = seconds
    var parts = unsafe tm()
    _ = unsafe localtime_r(&seconds, &parts)
    unsafe self.init(hour: parts.tm_hour, minute: parts.tm_min, second: parts.tm_sec)
  }

  static var now: TimeOfDay { TimeOfDay(secondsSinceEpoch: time(nil)) }

  var description: String {
    [hour, minute, second].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
