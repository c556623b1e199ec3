/// Times as Go writes them: `2026-11-24T21:03:15.177708906Z`, `2026-11-24T22:03:15.2+01:00`.
///
/// Parsed by hand because Foundation's formatters round to milliseconds.
enum RFC3339 {
  /// Nanoseconds since 1970.
  ///
  /// - Returns: `nil` for any other form, more than nine fraction digits, a date that does not
  ///   exist, or one outside of 1677-09-22 to 2262-04-11, where 64 bits end.
  static func nanoseconds(_ text: String) -> Int64? {
    var cursor = ASCIICursor(text)
    guard let year = cursor.number(digits: 4), cursor.take("-"),
      let month = cursor.number(digits: 2), cursor.take("-"),
      let day = cursor.number(digits: 2), cursor.take(anyOf: "T", "t") != nil,
      let hour = cursor.number(digits: 2), cursor.take(":"),
      let minute = cursor.number(digits: 2), cursor.take(":"),
      let second = cursor.number(digits: 2),
      let fraction = fraction(&cursor), let offset = offset(&cursor), cursor.isAtEnd,
      let time = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    let seconds = time.secondsSince1970 - Int64(offset)
    let (whole, tooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, tooFarStill) = whole.addingReportingOverflow(Int64(fraction))
    return tooFar || tooFarStill ? nil : sum
  }

  /// Nanoseconds from up to nine digits; 0 without a point.
  private static func fraction(_ cursor: inout ASCIICursor) -> Int? {
    guard cursor.take(".") else { return 0 }
    let count = cursor.digitsAhead
    guard (1...9).contains(count), let digits = cursor.number(digits: count) else { return nil }
    return (count..<9).reduce(digits) { scaled, _ in scaled * 10 }
  }

  /// Seconds that the local time is ahead of UTC.
  private static func offset(_ cursor: inout ASCIICursor) -> Int? {
    guard let sign = cursor.take(anyOf: "Z", "z", "+", "-") else { return nil }
    guard sign == "+" || sign == "-" else { return 0 }
    guard let hours = cursor.number(digits: 2), hours < 24, cursor.take(":"),
      let minutes = cursor.number(digits: 2), minutes < 60
    else { return nil }
    let seconds = hours * 3_600 + minutes * 60
    return sign == "-" ? -seconds : seconds
  }

  /// The same of the form that Go gives to a time in UTC; `nil` for any other.
  static func nanoseconds(_ bytes: RawSpan) -> Int64? {
    func number(_ range: Range<Int>) -> Int? {
      var number = 0
      for place in range {
        let digit = bytes.byte(at: place) &- 48
        guard digit < 10 else { return nil }
        number = number * 10 + Int(digit)
      }
      return number
    }
    let last = bytes.byteCount - 1
    guard (19...29).contains(last), bytes.byte(at: last) == UInt8(ascii: "Z"),
      bytes.byte(at: 4) == UInt8(ascii: "-"), bytes.byte(at: 7) == UInt8(ascii: "-"),
      bytes.byte(at: 10) == UInt8(ascii: "T"), bytes.byte(at: 13) == UInt8(ascii: ":"),
      bytes.byte(at: 16) == UInt8(ascii: ":"),
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      let time = CivilTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    var fraction = 0
    if last > 19 {
      guard last > 20, bytes.byte(at: 19) == UInt8(ascii: "."), let digits = number(20..<last)
      else { return nil }
      fraction = (last..<29).reduce(digits) { scaled, _ in scaled * 10 }
    }
    let (whole, tooFar) = time.secondsSince1970.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, tooFarStill) = whole.addingReportingOverflow(Int64(fraction))
    return tooFar || tooFarStill ? nil : sum
  }
}
