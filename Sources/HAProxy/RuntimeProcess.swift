/// What HAProxy says of the process that answered (`show info`).
public struct RuntimeProcess: Hashable, Sendable {
  /// Tells a process from the one that a reload or restart puts in its place.
  public struct Identity: Hashable, Sendable {
    /// Not enough alone: in a restarted container it is often the same.
    public var pid: Int
    /// Unix time; `nil` before HAProxy 2.4, which does not tell.
    public var startTimeSeconds: Int?

    /// Describes a process.
    public init(pid: Int, startTimeSeconds: Int?) {
      self.pid = pid
      self.startTimeSeconds = startTimeSeconds
    }
  }

  /// Which process it is.
  public var identity: Identity
  /// Seconds since it started.
  public var uptimeSeconds: Int?
  /// It serves what it has and takes no weights any more: there was a reload.
  public var isStopping: Bool
  /// As HAProxy writes it, for instance `2.6.12-1+deb12u4`.
  public var version: String
  /// The configured name of the node; the host's name unless set.
  public var node: String
  /// `nbproc`: how many processes share the configuration, each with weights of its own.
  public var processCount: Int

  /// Describes a process.
  public init(
    identity: Identity, uptimeSeconds: Int?, isStopping: Bool, version: String, node: String,
    processCount: Int = 1
  ) {
    self.identity = identity
    self.uptimeSeconds = uptimeSeconds
    self.isStopping = isStopping
    self.version = version
    self.node = node
    self.processCount = processCount
  }
}

extension RuntimeProcess {
  /// Reads `show info`: one `Key: value` on a line.
  package init(reply: String) throws(MalformedReply) {
    var values: [Substring: Substring] = [:]
    for line in reply.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      values[line[..<colon]] = line[line.index(after: colon)...].drop { $0 == " " }
    }
    guard
      let pid = values["Pid"].flatMap({ Int($0) }), let stopping = values["Stopping"],
      let version = values["Version"]
    else { throw MalformedReply(expected: "`Pid`, `Stopping` and `Version`", found: reply) }
    self.init(
      identity: Identity(
        pid: pid, startTimeSeconds: values["Start_time_sec"].flatMap { Int($0) }),
      uptimeSeconds: values["Uptime_sec"].flatMap { Int($0) },
      isStopping: stopping != "0",
      version: String(version),
      node: values["node"].map { String($0) } ?? "",
      processCount: values["Nbproc"].flatMap { Int($0) } ?? 1)
  }
}
