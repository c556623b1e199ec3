/// A server whose share of the requests is not what its weight says.
package struct Astray: Hashable, Codable, Sendable {
  package var server: ServerName
  /// Parts of the requests, 0…1.
  package var seen: Double
  package var wanted: Double
}
