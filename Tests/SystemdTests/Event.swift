import Logging

@testable import Systemd

/// A log event as a logger would make it.
func event(
  _ message: Logger.Message, level: Logger.Level = .info, metadata: Logger.Metadata? = nil,
  error: (any Error)? = nil
) -> LogEvent {
  LogEvent(
    level: level, message: message, error: error, metadata: metadata, source: nil,
    file: "EvenkeelDaemon/Loop.swift", function: "tick()", line: 42)
}

/// The record of an event to which neither handler nor provider adds anything.
func record(_ event: LogEvent) -> LogRecord {
  LogRecord(event, metadata: [:], provider: nil)
}
