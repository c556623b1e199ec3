/// One thing that is wrong with a file.
package struct Problem: Hashable, Sendable {
  /// Where: a key path such as `backends[1].pattern`; empty for the file as a whole.
  package let path: String
  /// What is wrong, as the rest of a sentence that the path begins.
  package let message: String
  /// What is allowed, or what to write instead.
  package let hint: String?

  package init(path: String, message: String, hint: String? = nil) {
    self.path = path
    self.message = message
    self.hint = hint
  }
}

extension Problem: CustomStringConvertible {
  package var description: String {
    (path.isEmpty ? "" : "\(path): ") + message + (hint.map { " (\($0))" } ?? "")
  }
}
