/// Names in a sentence, as many as anybody reads.
package enum NamesText {
  private static let most = 12

  package static func few(_ names: [String]) -> String {
    let more = names.count - most
    let shown = names.prefix(most).joined(separator: ", ")
    return more > 0 ? "\(shown) and \(more) more" : shown
  }
}
