/// How full the fullest of the limits is that a server can hit.
package struct Utilisation: Hashable, Codable, Sendable {
  /// What the CPU use was divided by.
  package enum Limit: String, Hashable, Codable, Sendable {
    /// The container's own CPU quota.
    case quota
    /// What it was seen to be able to do while requests waited: less than its quota or its host.
    case seen
    /// The cores of its host, neighbours included.
    case host
  }

  /// 0 idle … 1 full. Slightly over 1 is measured at times; it is shown as it is.
  package let value: Double
  /// The limit that binds.
  package let limit: Limit

  package init(_ value: Double, of limit: Limit) {
    self.value = value
    self.limit = limit
  }
}
