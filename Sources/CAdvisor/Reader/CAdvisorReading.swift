/// All that a cAdvisor says at one time, put together from up to four replies.
public struct CAdvisorReading: Hashable, Sendable {
  /// As in ``ContainersReply/answeredAtNanoseconds``.
  public var answeredAtNanoseconds: Int64?
  /// Logical cores of the machine; at least 1.
  public var cores: Int
  /// The whole machine's newest sample.
  public var hostSample: Sample?
  /// The containers whose limits are known, ordered by id; bare cgroups are left out.
  public var containers: [ContainerInfo]
  /// How many cores each may use, by id; one that only the machine limits is not in it.
  public var coreLimits: [String: Double]
  /// What is wrong with the containers that are not in ``containers``, by id.
  public var malformed: [String: String]
  /// Questions that failed and whose last answers are used in their place.
  public var warnings: [CAdvisorError]

  /// A reading of these parts.
  public init(
    answeredAtNanoseconds: Int64? = nil, cores: Int, hostSample: Sample? = nil,
    containers: [ContainerInfo] = [], coreLimits: [String: Double] = [:],
    malformed: [String: String] = [:], warnings: [CAdvisorError] = []
  ) {
    self.answeredAtNanoseconds = answeredAtNanoseconds
    self.cores = cores
    self.hostSample = hostSample
    self.containers = containers
    self.coreLimits = coreLimits
    self.malformed = malformed
    self.warnings = warnings
  }
}

extension CAdvisorReading {
  /// Puts the replies together.
  ///
  /// A container whose limit is not known is malformed: taken for unlimited, one at its quota
  /// would look idle and be given more.
  init(containers reply: ContainersReply, host: HostReply, machine: MachineInfo, specs: SpecsReply)
  {
    self.init(
      answeredAtNanoseconds: reply.answeredAtNanoseconds, cores: machine.cores,
      hostSample: host.sample, malformed: reply.malformed)
    for container in reply.containers where !container.isRawCgroup {
      if let spec = specs.specs[container.id] {
        containers.append(container)
        coreLimits[container.id] = spec.coreLimit(machineCores: machine.cores)
      } else {
        let reason = specs.malformed[container.id] ?? "not told yet"
        malformed[container.id] = "its CPU limit is not known: \(reason)"
      }
    }
  }
}
