/// The `Date` header: `Tue, 24 Nov 2026 21:03:15 GMT`.
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  /// Nanoseconds since 1970, in whole seconds.
  ///
  /// - Returns: `nil` for any other form, the two obsolete ones of RFC 9110 5.6.7 included.
  static func nanoseconds(_ text: String) -> Int64? {
    var cursor = ASCIICursor(text)
    guard word(of: weekdays, &cursor) != nil, cursor.take(", "),
      let day = cursor.number(digits: 2), cursor.take(" "),
      let month = word(of: months, &cursor), cursor.take(" "),
      let year = cursor.number(digits: 4), cursor.take(" "),
      let hour = cursor.number(digits: 2), cursor.take(":"),
      let minute = cursor.number(digits: 2), cursor.take(":"),
      let second = cursor.number(digits: 2), cursor.take(" GMT"), cursor.isAtEnd,
      let time = CivilTime(
        year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    let (nanoseconds, tooFar) = time.secondsSince1970
      .multipliedReportingOverflow(by: 1_000_000_000)
    return tooFar ? nil : nanoseconds
  }

  private static func word(of words: [String], _ cursor: inout ASCIICursor) -> Int? {
    words.firstIndex { cursor.take($0) }
  }
}
