import Logging
import Synchronization
import Testing

@testable import Systemd

@Suite struct JournalLogHandlerTests {
  @Test func `a logger's metadata arrive as fields`() throws {
    let taken = Taken()
    let unused = try Pipe()
    var logger = Logger(label: "evenkeel") { label in
      JournalLogHandler(
        label: label, level: .info,
        send: { entry in
          taken.entries.withLock { $0.append(entry) }
          return 0
        }, fallback: LineOutput(descriptor: unused.writeEnd))
    }
    logger[metadataKey: "evenkeel_backend"] = "shop"
    logger.debug("not asked for")
    logger.warning("weight refused", metadata: ["evenkeel_server": "s1"])

    let entries = taken.entries.withLock { $0 }
    try #require(entries.count == 1)
    let fields = Dictionary(uniqueKeysWithValues: entries[0].fields.map { ($0.name, $0.value) })
    #expect(fields["MESSAGE"] == "weight refused")
    #expect(fields["PRIORITY"] == "4")
    #expect(fields["LOGGER"] == "evenkeel")
    #expect(fields["EVENKEEL_BACKEND"] == "shop")
    #expect(fields["EVENKEEL_SERVER"] == "s1")
    #expect(fields["CODE_FILE"] == #fileID)
  }

  @Test func `what the journal does not take goes to standard error, a line each`() throws {
    let stderr = try Pipe()
    let handler = JournalLogHandler(
      label: "evenkeel", level: .info, send: { _ in -111 },
      fallback: LineOutput(descriptor: stderr.writeEnd))
    handler.log(event: event("weight refused", level: .error, metadata: ["text": "two\nlines"]))
    handler.log(event: event("weight changed"))
    #expect(stderr.read() == "<3>two\\nlines\n<6>weight changed\n")
  }
}

private final class Taken: Sendable {
  let entries = Mutex<[JournalEntry]>([])
}
