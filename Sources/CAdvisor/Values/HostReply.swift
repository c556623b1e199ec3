/// What a cAdvisor says of its whole machine at one time.
public struct HostReply: Hashable, Sendable {
  /// The newest reading, the tasks of all containers included; `nil` when there is none yet.
  public var sample: Sample?
  /// As in ``ContainersReply/answeredAtNanoseconds``.
  public var answeredAtNanoseconds: Int64?

  /// A reply of these parts.
  public init(sample: Sample?, answeredAtNanoseconds: Int64? = nil) {
    self.sample = sample
    self.answeredAtNanoseconds = answeredAtNanoseconds
  }
}
