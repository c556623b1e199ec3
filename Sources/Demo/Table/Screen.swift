/// Shows frames: redrawn in place on a terminal, as a block every few seconds elsewhere, and as a
/// line on standard error every few seconds when standard output is kept for JSON.
actor Screen {
  /// How far apart the blocks are where nothing can be redrawn.
  private static let blockInterval = Duration.seconds(5)
  private static let hideCursor = "\u{1B}[?25l"
  static let showCursor = "\u{1B}[?25h"

  private let output: DemoOutput
  private let json: Bool
  /// Lines of the last frame, which the next one is drawn over.
  private var drawnLines = 0
  private var lastBlock = Duration.zero

  init(output: DemoOutput, json: Bool) {
    self.output = output
    self.json = json
  }

  /// Says what the demo does before it does it.
  func open(with lines: [String]) throws {
    let text = lines.map { "\($0)\n" }.joined() + "\n"
    if json {
      output.writeError(text)
    } else {
      try output.write(text)
      if output.canHideCursor { try output.write(Self.hideCursor) }
    }
  }

  func show(_ frame: Frame) throws {
    let lines = FrameRenderer(style: output.style()).lines(for: frame)
    if output.isTerminal && !json {
      try redraw(lines)
    } else if isBlockDue(at: frame.elapsed) {
      if json {
        output.writeError(lines.prefix(2).joined(separator: "   ") + "\n")
      } else {
        try output.write(lines.map { "\($0)\n" }.joined() + "\n")
      }
    }
  }

  /// Shows the summary; nothing is shown after it.
  func close(with summary: DemoSummary) throws {
    let renderer = SummaryRenderer(style: output.style())
    if json {
      try output.write(renderer.json(for: summary) + "\n")
    } else {
      try output.write(
        (output.isTerminal ? "\n" : "") + renderer.lines(for: summary).map { "\($0)\n" }.joined())
    }
  }

  /// Gives the terminal back as it was.
  func restore() {
    if output.canHideCursor && !json { try? output.write(Self.showCursor) }
  }

  private func redraw(_ lines: [String]) throws {
    let up = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
    // Each line is cleared to its end, and what a longer frame has left below.
    let text = lines.map { "\($0)\u{1B}[K\n" }.joined()
    try output.write("\(up)\r\(text)\u{1B}[J")
    drawnLines = lines.count
  }

  private func isBlockDue(at elapsed: Duration) -> Bool {
    // Frames come a little early or late.
    guard elapsed >= lastBlock + Self.blockInterval - .milliseconds(250) else { return false }
    lastBlock = elapsed
    return true
  }
}
