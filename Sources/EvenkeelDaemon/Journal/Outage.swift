/// Whether something fails, so that it is told once when that begins, and again when it begins anew.
package struct Outage: Sendable {
  private var isOn = false

  package init() {}

  /// It failed.
  ///
  /// - Returns: whether that is news.
  package mutating func begin() -> Bool {
    defer { isOn = true }
    return !isOn
  }

  /// It went well.
  ///
  /// - Returns: whether that is news.
  @discardableResult
  package mutating func end() -> Bool {
    defer { isOn = false }
    return isOn
  }
}
