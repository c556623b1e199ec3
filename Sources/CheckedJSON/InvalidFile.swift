/// A file that cannot be used, with all that is wrong with it.
package struct InvalidFile: Error, Hashable, Sendable {
  /// The file as it was named to evenkeel.
  package let file: String
  /// In the order in which they were found; never empty.
  package let problems: [Problem]

  package init(file: String, problems: [Problem]) {
    self.file = file
    self.problems = problems
  }
}

extension InvalidFile: CustomStringConvertible {
  /// A line for each problem, which begins with the file's name.
  package var description: String {
    problems.map { "\(file): \($0)" }.joined(separator: "\n")
  }
}
