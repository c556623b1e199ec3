import Testing

@testable import CAdvisor

struct HTTPDateTests {
  static let dates: [(text: String, seconds: Int64)] = [
    ("Tue, 24 Nov 2026 21:03:15 GMT", 1_795_554_195),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800),
  ]

  @Test(arguments: dates)
  func `a Date header is read in whole seconds`(_ date: (text: String, seconds: Int64)) {
    #expect(HTTPDate.nanoseconds(date.text) == date.seconds * 1_000_000_000)
  }

  @Test(arguments: [
    "", "Tue", "Tue, 24 Nov 2026 21:03:15", "Tue, 24 Nov 2026 21:03:15 UTC",
    "Tue, 31 Nov 2026 21:03:15 GMT", "Tue, 24 nov 2026 21:03:15 GMT",
    "Tuesday, 24-Nov-26 21:03:15 GMT", "Tue Nov 24 21:03:15 2026",
    "Tue, 24 Nov 9999 21:03:15 GMT", "Tue, 24 Nov 2026 21:03:60 GMT",
    "Tue, 24 Nov 2026 21:03:15 GMT ",
  ])
  func `any other form is no date, and no failure`(_ text: String) {
    #expect(HTTPDate.nanoseconds(text) == nil)
  }
}
