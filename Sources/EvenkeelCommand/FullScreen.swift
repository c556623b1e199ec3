internal import Terminal

/// Draws lines over the whole terminal, and gives it back as it was; where there is no terminal, a
/// block of lines after the other.
struct FullScreen: Sendable {
  let isTerminal: Bool

  func open() {
    // The alternate screen, without a cursor.
    if isTerminal { Output.raw("\u{1B}[?1049h\u{1B}[?25l") }
  }

  func close() {
    if isTerminal { Output.raw("\u{1B}[?25h\u{1B}[?1049l") }
  }

  /// - Parameter offset: so many lines are above what is shown, as far as there is more below.
  /// - Returns: how many are.
  @discardableResult func show(_ lines: [String], from offset: Int = 0) -> Int {
    guard isTerminal else {
      Output.painted(lines.joined(separator: "\n") + "\n")
      return 0
    }
    var shown = lines
    let rows = TerminalSize.now.rows
    let above = max(0, min(offset, lines.count - rows + 1))
    if shown.count > rows {
      shown = Array(shown.dropFirst(above).prefix(rows - 1))
      let below = lines.count - above - shown.count
      shown.append(below > 0 ? "... \(below) more lines (space, j, k; q quits)" : "(k; q quits)")
    }
    // Each line is cleared to its end after it is written, never before: nothing flickers. A
    // terminal that knows synchronised output shows the frame at once.
    let text = shown.map { "\($0)\u{1B}[K" }.joined(separator: "\r\n")
    Output.raw("\u{1B}[?2026h\u{1B}[H\(text)\u{1B}[J\u{1B}[?2026l")
    return above
  }
}
