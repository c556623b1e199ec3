/// The names of things of one kind, to which other places of the file refer.
package struct KnownNames: Sendable {
  /// What they name, to end a sentence such as "`x` is no server of this scenario".
  let kind: String
  private(set) var names: Set<String> = []
  /// Whether a name could not be read, so that an unknown one may be that.
  private(set) var isIncomplete = false

  package init(ofEach kind: String) { self.kind = kind }

  /// - Parameter name: `nil` for one that could not be read.
  package mutating func insert(_ name: String?) {
    if let name { names.insert(name) } else { isIncomplete = true }
  }
}
