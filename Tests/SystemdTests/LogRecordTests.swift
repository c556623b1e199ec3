import Logging
import Testing

@testable import Systemd

@Suite struct LogRecordTests {
  @Test func `a sentence made for humans is what they read, and is not repeated`() {
    let record = record(
      event(
        "weight changed",
        metadata: ["text": "shop/s1: weight 100 → 80", "evenkeel_server": "s1", "tick": "7"]))
    #expect(record.sentence == "shop/s1: weight 100 → 80")
    #expect(record.metadata.map(\.key) == ["evenkeel_server", "tick"])
  }

  @Test func `without one the message is followed by what has no field of ours`() {
    let record = record(
      event(
        "connection closed",
        metadata: [
          "peer": "192.0.2.1", "bytes": "12", "evenkeel_balancer": "lb1", "message_id": "b2c1",
        ]))
    #expect(record.sentence == "connection closed bytes=12 peer=192.0.2.1")
  }

  @Test(arguments: [
    ("plain", "plain"), ("two words", "\"two words\""), ("", "\"\""),
    ("say \"hi\"", "\"say \\\"hi\\\"\""), ("a\nb", "\"a\nb\""),
  ])
  func `a value stands in quotation marks where its end could not be told`(
    value: String, shown: String
  ) {
    #expect(record(event("m", metadata: ["k": .string(value)])).sentence == "m k=\(shown)")
  }

  @Test func `the event's own metadata outweigh the provider's, and these the logger's`() {
    let record = LogRecord(
      event("m", metadata: ["a": "event"]),
      metadata: ["a": "logger", "b": "logger", "c": "logger"],
      provider: Logger.MetadataProvider { ["a": "provider", "b": "provider"] })
    #expect(record.sentence == "m a=event b=provider c=logger")
  }

  @Test func `an error is told with its type`() {
    struct Refused: Error, CustomStringConvertible { let description = "refused" }
    let sentence = record(event("m", error: Refused())).sentence
    #expect(sentence.hasPrefix("m error.message=refused error.type="))
    #expect(sentence.contains("Refused"))
  }
}
