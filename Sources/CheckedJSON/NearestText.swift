/// Finds what somebody probably meant to write.
package enum NearestText {
  /// The choice that differs least from `text`, if one differs by no more than a slip of the
  /// fingers: a letter more, less, other or swapped; two of them in words of more than four.
  package static func nearest(to text: String, among choices: [String]) -> String? {
    guard text.utf8.count <= longestText else { return nil }
    let written = Array(text.lowercased().utf8)
    let distances = choices.map { ($0, distance(written, Array($0.lowercased().utf8))) }
    guard let (choice, least) = distances.min(by: { $0.1 < $1.1 }) else { return nil }
    let allowed = min(written.count, choice.utf8.count) > 4 ? 2 : 1
    return least <= allowed ? choice : nil
  }

  /// The rest of a complaint about a text that is none of those known.
  package static func hint(insteadOf text: String, among known: [String]) -> String {
    if let nearest = nearest(to: text, among: known) { return "did you mean `\(nearest)`?" }
    let isCut = known.count > mostListed
    return "allowed: \(known.prefix(mostListed).joined(separator: ", "))\(isCut ? ", …" : "")"
  }

  /// More choices than this are not all told.
  private static let mostListed = 24

  /// Longer texts are no slip of any key, and the comparison's cost grows with the length.
  private static let longestText = 64

  /// The least number of letters to insert, remove, replace or swap (optimal string alignment).
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        let replaced = last[column] + (letter == other ? 0 : 1)
        var least = min(replaced, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
          least = min(least, beforeLast[column - 1] + 1)
        }
        current.append(least)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
