import CheckedJSON
import NIOCore

/// Replies turned into values; pure, and without a trap whatever the body holds.
package enum ReplyDecoder {
  /// The containers, each of which stands for itself.
  package static func containers(
    _ reply: Reply, _: APIVersion
  ) throws(MalformedReply) -> ContainersReply {
    try read(reply, containers())
  }

  /// - Parameter labels: the keys of those that are kept of containers with a name; `nil` keeps all.
  static func containers(
    keeping labels: Set<String>? = nil
  ) -> EntryReader<ContainerWire, ContainersReply> {
    EntryReader(ContainerWire.self, into: ContainersReply(containers: [])) {
      reply, key, wire throws(MalformedReply) in
      let id = try cgroup(key)
      switch wire {
      case .failure(let error): reply.malformed[id] = error.detail
      case .success(let wire):
        let container = ContainerInfo(id: id, wire, keeping: labels)
        if container.isRawCgroup, let place = container.malformed {
          reply.malformed[id] = place
        } else {
          reply.containers.append(container)
        }
      }
    } complete: { reply, answeredAt in
      reply.containers.sort { $0.id < $1.id }
      reply.answeredAtNanoseconds = answeredAt
    }
  }

  /// The machine's samples: a list in version 2, a container in version 1.
  package static func host(
    _ reply: Reply, _ version: APIVersion
  ) throws(MalformedReply) -> HostReply {
    let samples: [Sample]
    switch version {
    case .v2_1: samples = try self.samples(reply.body).compactMap(Sample.init)
    case .v1_3:
      do {
        let usual = ContainerWire(usual: reply.body.readableBytesSpan)
        samples = try (usual ?? decode(ContainerWire.self, reply.body)).samples()
      } catch let error as MalformedReply {
        throw error
      } catch {
        throw MalformedReply(error)
      }
    }
    return HostReply(
      sample: samples.max { $0.timestampNanoseconds < $1.timestampNanoseconds },
      answeredAtNanoseconds: reply.answeredAtNanoseconds)
  }

  /// The limits, each of which stands for itself.
  package static func specs(_ reply: Reply) throws(MalformedReply) -> SpecsReply {
    try read(reply, specs)
  }

  static var specs: EntryReader<LimitsWire, SpecsReply> {
    EntryReader(LimitsWire.self, into: SpecsReply()) { reply, key, wire throws(MalformedReply) in
      let id = try cgroup(key)
      switch wire {
      case .success(let wire): reply.specs[id] = CPUSpec(wire)
      case .failure(let error): reply.malformed[id] = error.detail
      }
    }
  }

  /// Every cgroup that cAdvisor knows, containers or not.
  package static func cgroups(_ reply: Reply) throws(MalformedReply) -> CgroupsReply {
    try read(reply, cgroups)
  }

  static var cgroups: EntryReader<CgroupWire, CgroupsReply> {
    EntryReader(CgroupWire.self, into: CgroupsReply(), isList: true) {
      reply, _, wire throws(MalformedReply) in
      guard case .success(let wire) = wire else { return }
      reply.add(wire)
    }
  }

  /// The hardware.
  package static func machine(_ reply: Reply) throws(MalformedReply) -> MachineInfo {
    MachineInfo(try decode(MachineWire.self, reply.body))
  }

  private static func read<Reader: BodyReader>(
    _ reply: Reply, _ reader: Reader
  ) throws(MalformedReply) -> Reader.Answer {
    var reader = reader
    try reader.take(reply.body)
    return try reader.finish(answeredAt: reply.answeredAtNanoseconds)
  }

  /// Else any JSON object at all would pass for a host full of broken containers.
  private static func cgroup(_ key: String?) throws(MalformedReply) -> String {
    guard let key else { throw MalformedReply("a list where containers by cgroup are expected") }
    guard key.hasPrefix("/") else { throw MalformedReply("\(key): not the path of a cgroup") }
    return key
  }

  private static func samples(_ body: ByteBuffer) throws(MalformedReply) -> [SampleWire] {
    var cursor = JSONCursor()
    let bytes = body.readableBytesSpan
    do throws(JSONCursor.Unusual) {
      let samples: [SampleWire] = try cursor.values(in: bytes)
      try cursor.requireEnd(of: bytes)
      return samples
    } catch {
      return try decode([SampleWire].self, body)
    }
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, _ body: ByteBuffer
  ) throws(MalformedReply) -> Value {
    do {
      return try WholeJSON.decode(type, from: body.readableBytesView)
    } catch let error as UnfinishedJSON {
      throw MalformedReply("no JSON: \(error)")
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      throw MalformedReply("no JSON: \(Excerpt.of(body))")
    } catch {
      throw MalformedReply(error)
    }
  }
}
