/// A value of a file and where it stands.
package struct JSONNode: Sendable {
  /// A key path such as `backends[1].pattern`; empty for the whole.
  package let path: String
  package let value: JSONValue

  package init(path: String, value: JSONValue) {
    self.path = path
    self.value = value
  }
}
