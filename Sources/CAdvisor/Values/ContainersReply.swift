/// What a cAdvisor says of its Docker containers at one time.
public struct ContainersReply: Hashable, Sendable {
  /// Those that could be read, ordered by id.
  public var containers: [ContainerInfo]
  /// Those that could not: what is wrong, by id. One bad container does not silence a host.
  public var malformed: [String: String]
  /// The reply's `Date` header, in nanoseconds since 1970: the answering machine's clock, in
  /// whole seconds, rounded down. `nil` without such a header.
  public var answeredAtNanoseconds: Int64?

  /// A reply of these parts.
  public init(
    containers: [ContainerInfo], malformed: [String: String] = [:],
    answeredAtNanoseconds: Int64? = nil
  ) {
    self.containers = containers
    self.malformed = malformed
    self.answeredAtNanoseconds = answeredAtNanoseconds
  }
}
