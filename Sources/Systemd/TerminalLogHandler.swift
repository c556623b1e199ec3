package import Logging

/// Writes log events to standard error, a readable line each.
package struct TerminalLogHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?

  private let hasColour: Bool
  private let output: LineOutput

  package init(level: Logger.Level, hasColour: Bool) {
    self.init(level: level, hasColour: hasColour, output: .standardError)
  }

  init(level: Logger.Level, hasColour: Bool, output: LineOutput) {
    self.logLevel = level
    self.hasColour = hasColour
    self.output = output
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let record = LogRecord(event, metadata: metadata, provider: metadataProvider)
    output.write(TerminalLine(record: record, time: .now, hasColour: hasColour).description)
  }
}
