import Testing

/// What a scenario may ask for in all.
struct ScenarioLimitsTests {
  private typealias Text = ScenarioText

  private static func day(rps: Double, events: String = "") -> String {
    Text.small(#", "events": [\#(events)]"#, demand: #"{"rps": \#(rps)}"#)
      .replacing(#""duration": 300"#, with: #""duration": 86400"#)
  }

  @Test(arguments: [
    // 86 400 s, of which the second half has another factor.
    (1_157.0, "", nil),
    (1_158.0, "", "100051200"),
    (1_000.0, #"{"at": 43200, "demand": 1.31}"#, nil),
    (1_000.0, #"{"at": 43200, "demand": 1.32}"#, "100224000"),
    // It climbs over a quarter of the day, and stays.
    (1_000.0, #"{"at": 43200, "demand": 1.4, "over": 21600}"#, nil),
    (1_000.0, #"{"at": 43200, "demand": 1.5, "over": 21600}"#, "102600000"),
    // A climb that another event cuts short ends where it is.
    (2_000.0, #"{"at": 0, "demand": 0}, {"at": 0, "demand": 1, "over": 86400}"#, nil),
    (
      2_000.0,
      #"{"at": 0, "demand": 0, "over": 43200}, {"at": 21600, "demand": 0.5, "over": 100},"#
        + #"{"at": 43200, "demand": 1.1}"#,
      "149040000"
    ),
    // Up again every other hour, down again in between.
    (
      1_000.0,
      #"{"at": 0, "demand": 2, "every": 7200}, {"at": 3600, "demand": 0.2, "every": 7200}"#, nil
    ),
    (
      1_000.0,
      #"{"at": 0, "demand": 2, "every": 7200}, {"at": 3600, "demand": 0.4, "every": 7200}"#,
      "103680000"
    ),
  ])
  func `the requests of a run are counted with every change of the demand`(
    rps: Double, events: String, total: String?
  ) {
    let expected = total.map {
      ["demand: makes \($0) requests in the whole run (allowed: up to 100000000)"]
    }
    #expect(Text.complaints(Self.day(rps: rps, events: events)) == expected ?? [])
  }

  @Test func `the demand's peak is bounded too`() {
    let event = #"{"at": 299, "demand": 1000}"#
    let text = Text.small(#", "events": [\#(event)]"#, demand: #"{"rps": 101}"#)
    #expect(
      Text.complaints(text) == [
        "demand: grows by the events to 101000 requests a second (allowed: up to 100000)"
      ])
  }

  @Test func `events are counted with their repetitions`() {
    let event = #"{"at": 0, "cost": 1, "every": 1, "until": 299}"#
    let events = Array(repeating: event, count: 33).joined(separator: ",")
    #expect(Text.complaints(Text.small(events: events)).isEmpty)
    #expect(
      Text.complaints(Text.small(events: "\(events), \(event)")) == [
        "events: are 10200 with their repetitions (allowed: up to 10000)"
      ])
  }

  @Test func `lists end somewhere, and what refers to them is not wrong too`() {
    let hosts = (0...200).map { #"{"name": "h\#($0)", "cores": 1}"# }.joined(separator: ",")
    #expect(
      Text.complaints(Text.small(hosts: "[\(hosts)]")) == [
        "hosts: has 201 elements (allowed: up to 200)"
      ])
  }
}
