/// A date and time of day in UTC, checked field by field.
struct CivilTime: Equatable {
  /// Seconds since 1970-01-01T00:00:00Z.
  let secondsSince1970: Int64

  /// `nil` when a field is out of its range: there is no 30 February, and no leap second.
  init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    guard (0...9999).contains(year), (1...12).contains(month),
      (1...Self.days(inMonth: month, of: year)).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
    else { return nil }
    // Years that begin in March have the leap day at their end (Howard Hinnant, "days_from_civil").
    let shifted = month > 2 ? year : year - 1
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let leapDays =
      Self.floored(shifted, 4) - Self.floored(shifted, 100) + Self.floored(shifted, 400)
    let days = 365 * shifted + leapDays + dayOfYear - 719_468
    secondsSince1970 = Int64(days * 86_400 + hour * 3_600 + minute * 60 + second)
  }

  private static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func floored(_ number: Int, _ divisor: Int) -> Int {
    number >= 0 ? number / divisor : -1
  }
}
