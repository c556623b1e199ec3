internal import Balancing
internal import Control
internal import Glibc

/// Moments and ages as people read them.
package enum ClockText {
  /// Hour and minute in the time zone of this machine, or of the variable TZ; with the day where that
  /// is another than `now`'s.
  package static func time(_ moment: Moment, now: Moment) -> String {
    let then = Local(moment)
    let time = "\(twoDigits(then.hour)):\(twoDigits(then.minute))"
    return then.day == Local(now).day ? time : "\(then.day) \(time)"
  }

  /// With the second, for what is compared with a log.
  package static func second(_ moment: Moment, now: Moment) -> String {
    "\(time(moment, now: now)):\(twoDigits(Local(moment).second))"
  }

  package static func age(_ seconds: Double) -> String {
    switch seconds {
    case ..<10: "\(decimal(max(0, seconds), seconds == seconds.rounded() ? 0 : 1)) s"
    case ..<120: "\(decimal(seconds, 0)) s"
    case ..<7200: "\(decimal(seconds / 60, 0)) min"
    case ..<172_800: "\(decimal(seconds / 3600, 0)) h"
    default: "\(decimal(seconds / 86_400, 0)) days"
    }
  }

  /// `since 02:41 (6 min)`.
  package static func since(_ moment: Moment, now: Moment) -> String {
    "since \(time(moment, now: now)) (\(age(now.seconds(since: moment).rounded())))"
  }

  private struct Local {
    let day: String
    let hour, minute, second: Int

    init(_ moment: Moment) {
      var seconds = time_t(exactly: moment.timestamp.secondsSinceEpoch.rounded(.down)) ?? 0
      var parts = unsafe tm()
      _ = unsafe localtime_r(&seconds, &parts)
      let (year, month) = unsafe (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1)
      day = unsafe "\(year)-\(twoDigits(month))-\(twoDigits(Int(parts.tm_mday)))"
      unsafe (hour, minute, second) = (
        Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)
      )
    }
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
