/// A weight to be set on a server.
public struct WeightAssignment: Hashable, Sendable {
  /// The backend's name.
  public var backend: String
  /// The server's name within its backend.
  public var server: String
  /// 0…256; HAProxy refuses others.
  public var weight: Int

  /// Describes what is to be set.
  public init(backend: String, server: String, weight: Int) {
    self.backend = backend
    self.server = server
    self.weight = weight
  }
}
