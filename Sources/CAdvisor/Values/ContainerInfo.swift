/// One container as cAdvisor reports it.
public struct ContainerInfo: Hashable, Sendable, Identifiable {
  /// The path of its cgroup: `/docker/841c8c…`. A restart keeps it, a new container has another.
  public var id: String
  /// Its names: first the one that a person gave it, then its runtime's id.
  public var aliases: [String]
  /// Who runs it (`docker`); `nil` for a cgroup that cAdvisor knows no runtime of.
  public var namespace: String?
  /// All labels of the container. They may hold secrets: do not log them.
  public var labels: [String: String]
  /// Readings of its CPU counter, oldest first; empty when there is none yet.
  public var samples: [Sample]
  /// Why there are no samples although some were sent; `nil` when nothing is wrong with them.
  public var flaw: String?
  /// Where what was sent is not what the API promises.
  var malformed: String?

  /// A container of these parts.
  public init(
    id: String, aliases: [String] = [], namespace: String? = nil, labels: [String: String] = [:],
    samples: [Sample] = [], flaw: String? = nil
  ) {
    self.id = id
    self.aliases = aliases
    self.namespace = namespace
    self.labels = labels
    self.samples = samples
    self.flaw = flaw
  }

  /// Whether it is a bare cgroup, without anything that it could be recognised by: a system
  /// slice, or a container of a Docker that this cAdvisor does not talk to.
  public var isRawCgroup: Bool { aliases.isEmpty && labels.isEmpty }
}
