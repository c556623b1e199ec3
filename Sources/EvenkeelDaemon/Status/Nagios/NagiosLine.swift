/// The one line of a monitoring plugin, in the room that there is: what is too much is counted.
///
/// NRPE and others cut what is longer than a kilobyte, and half an item of performance data is a
/// wrong one.
struct NagiosLine: Sendable, Equatable {
  /// With the line's end.
  private static let mostBytes = 1024
  /// Of the performance data, so that there is always room for words.
  private static let mostDataBytes = 560
  /// Of one statement among others.
  private static let mostStatementBytes = 240

  let text: String

  /// - Parameters:
  ///   - statements: the most important first.
  ///   - performance: items of performance data, the most important first.
  ///   - own: those of the daemon itself, which there is always room for.
  init(
    prefix: String, _ statements: [String], _ performance: [String] = [], own: [String] = []
  ) {
    let data = Self.data(performance.map(Self.plain), own)
    let tail = data.isEmpty ? "" : " | \(data)"
    let room = Self.mostBytes - 1 - prefix.utf8.count - tail.utf8.count
    text = prefix + Self.words(statements.map(Self.plain), room: room) + tail
  }

  /// A bar begins performance data, and a line's end long output.
  private static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map {
          $0 == "|" || $0.properties.generalCategory == .control
            || $0.properties.generalCategory == .lineSeparator
            || $0.properties.generalCategory == .paragraphSeparator ? " " : $0
        }))
  }

  private static func words(_ statements: [String], room: Int) -> String {
    if let only = statements.first, statements.count == 1 { return only.cut(toBytes: room) }
    var line = ""
    for (index, statement) in statements.enumerated() {
      let piece = (index == 0 ? "" : "; ") + statement.cut(toBytes: mostStatementBytes)
      let left = statements.count - index
      let rest = left > 1 ? "; and \(left - 1) more".utf8.count : 0
      guard line.utf8.count + piece.utf8.count + rest <= room else {
        return line + (index == 0 ? "\(left) findings" : "; and \(left) more")
      }
      line += piece
    }
    return line
  }

  /// The items that there is room for, whole.
  private static func data(_ items: [String], _ own: [String]) -> String {
    var left = mostDataBytes
    for item in own { left -= item.utf8.count + 1 }
    let kept = items.prefix { item in
      left -= item.utf8.count + 1
      return left >= 0
    }
    return (kept + own).joined(separator: " ")
  }
}

extension String {
  /// Its beginning, with a mark where it was longer.
  fileprivate func cut(toBytes most: Int) -> String {
    guard utf8.count > most else { return self }
    return prefix(bytes: most - "…".utf8.count) + "…"
  }

  /// Beginning and end: names often differ in their last letters alone.
  func cutInTheMiddle(toBytes most: Int) -> String {
    guard utf8.count > most else { return self }
    let half = (most - "…".utf8.count) / 2
    let end = String(String(reversed()).prefix(bytes: half).reversed())
    return prefix(bytes: half) + "…" + end
  }

  /// As many whole characters as there is room for.
  private func prefix(bytes most: Int) -> String {
    var result = ""
    var left = most
    for character in self {
      left -= character.utf8.count
      guard left >= 0 else { break }
      result.append(character)
    }
    return result
  }
}
