import Logging
import Testing

@testable import Systemd

@Suite struct JournalEntryTests {
  @Test func `an event becomes the journal's own fields and ours`() {
    let entry = entry(
      event(
        "weight changed", level: .notice,
        metadata: [
          "text": "shop/s1: weight 100 → 80", "message_id": "b2c1d0e4f5a64b7f8a9c0d1e2f3a4b5c",
          "evenkeel_backend": "shop", "evenkeel_weight_new": "80",
        ]))
    #expect(
      entry.fields == [
        field("MESSAGE", "shop/s1: weight 100 → 80"),
        field("PRIORITY", "5"),
        field("SYSLOG_IDENTIFIER", "evenkeel"),
        field("CODE_FILE", "EvenkeelDaemon/Loop.swift"),
        field("CODE_LINE", "42"),
        field("LOGGER", "test"),
        field("EVENKEEL_BACKEND", "shop"),
        field("EVENKEEL_WEIGHT_NEW", "80"),
        field("MESSAGE_ID", "b2c1d0e4f5a64b7f8a9c0d1e2f3a4b5c"),
      ])
  }

  @Test(arguments: [
    (Logger.Level.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3),
    (.critical, 2),
  ])
  func `a level is one of syslog's`(level: Logger.Level, priority: Int) {
    #expect(JournalEntry.priority(of: level) == priority)
  }

  @Test(arguments: [
    ("evenkeel_backend", "EVENKEEL_BACKEND"),
    ("message_id", "MESSAGE_ID"),
    ("hb.request-id", "HB_REQUEST_ID"),
    ("eventLoop", "EVENTLOOP"),
    ("__trusted", "TRUSTED"),
    ("5xx", "X_5XX"),
    ("größe", "GR__E"),
    ("e\u{301}", "E_"),
    ("", nil),
    ("_", nil),
    ("漢字", nil),
    (String(repeating: "a", count: 70), String(repeating: "A", count: 64)),
    ("5" + String(repeating: "a", count: 70), "X_5" + String(repeating: "A", count: 61)),
  ])
  func `a key becomes a name that journald keeps`(key: String, name: String?) {
    #expect(JournalEntry.fieldName(for: key) == name)
  }

  @Test func `metadata cannot pass for the journal's own fields`() {
    let entry = entry(event("m", metadata: ["priority": "0", "evenkeel_x": "1"]))
    #expect(entry.fields.filter { $0.name == "PRIORITY" } == [field("PRIORITY", "6")])
    #expect(entry.fields.contains(field("X_PRIORITY", "0")))
  }

  @Test func `a message stays readable in journalctl, and keeps its lines`() {
    let entry = entry(event("m", metadata: ["text": "bad name \u{1B}[2J\u{0}\n\tin web1"]))
    #expect(entry.fields.first == field("MESSAGE", "bad name \\u{1B}[2J\\0\n\tin web1"))
  }

  @Test func `a field keeps its value as it is`() {
    let entry = entry(event("m", metadata: ["evenkeel_reason": "\u{1B}[2J\na"]))
    #expect(entry.fields.last == field("EVENKEEL_REASON", "\u{1B}[2J\na"))
  }

  @Test func `fields lie one after another, whatever is in a value`() {
    let entry = entry(
      event("m", metadata: ["a": "", "b": "two\nlines", "c": "nul\0x=y", "d": "é"]))
    let (bytes, lengths) = JournalSocket.layout(of: entry)
    var rest = bytes[...]
    let assignments = lengths.map { length in
      defer { rest = rest.dropFirst(length) }
      return String(decoding: rest.prefix(length), as: UTF8.self)
    }
    #expect(rest.isEmpty)
    #expect(assignments == entry.fields.map { "\($0.name)=\($0.value)" })
    #expect(assignments.suffix(4) == ["A=", "B=two\nlines", "C=nul\0x=y", "D=é"])
  }

  private func entry(_ event: LogEvent) -> JournalEntry {
    JournalEntry(record(event), logger: "test", file: event.file, line: event.line)
  }

  private func field(_ name: String, _ value: String) -> JournalEntry.Field {
    JournalEntry.Field(name: name, value: value)
  }
}
