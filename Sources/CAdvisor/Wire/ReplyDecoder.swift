import FoundationEssentials
import NIOCore
import NIOFoundationEssentialsCompat

/// Replies turned into values; pure, and without a trap whatever the body holds.
package enum ReplyDecoder {
  /// The containers, each of which stands for itself.
  package static func containers(
    _ reply: Reply, _: APIVersion
  ) throws(MalformedReply) -> ContainersReply {
    let keyed = try keyed(ContainerWire.self, reply.body)
    return ContainersReply(
      containers: keyed.good.map { ContainerInfo(id: $0, $1) }.sorted { $0.id < $1.id },
      malformed: keyed.malformed, answeredAtNanoseconds: reply.answeredAtNanoseconds)
  }

  /// The machine's samples: a list in version 2, a container in version 1.
  package static func host(
    _ reply: Reply, _ version: APIVersion
  ) throws(MalformedReply) -> HostReply {
    let samples =
      switch version {
      case .v2_1: try decode([SampleWire].self, reply.body).compactMap(Sample.init)
      case .v1_3: try decode(ContainerWire.self, reply.body).samples
      }
    return HostReply(
      sample: samples.max { $0.timestampNanoseconds < $1.timestampNanoseconds },
      answeredAtNanoseconds: reply.answeredAtNanoseconds)
  }

  /// The limits, each of which stands for itself.
  package static func specs(_ reply: Reply) throws(MalformedReply) -> SpecsReply {
    let keyed = try keyed(LimitsWire.self, reply.body)
    return SpecsReply(specs: keyed.good.mapValues { CPUSpec($0) }, malformed: keyed.malformed)
  }

  /// The hardware.
  package static func machine(_ reply: Reply) throws(MalformedReply) -> MachineInfo {
    guard let machine = MachineInfo(try decode(MachineWire.self, reply.body)) else {
      throw MalformedReply("num_cores: below 1")
    }
    return machine
  }

  /// A map whose values decode one by one.
  private struct Keyed<Value> {
    var good: [String: Value] = [:]
    /// What is wrong with the others.
    var malformed: [String: String] = [:]
  }

  private static func keyed<Value: Decodable>(
    _ type: Value.Type, _ body: ByteBuffer
  ) throws(MalformedReply) -> Keyed<Value> {
    var keyed = Keyed<Value>()
    for (id, attempt) in try decode([String: Attempt<Value>].self, body) {
      // Else any JSON object at all would pass for a host full of broken containers.
      guard id.hasPrefix("/") else { throw MalformedReply("\(id): not the path of a cgroup") }
      switch attempt.result {
      case .success(let value): keyed.good[id] = value
      case .failure(let error): keyed.malformed[id] = MalformedReply(error, below: 1).detail
      }
    }
    return keyed
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, _ body: ByteBuffer
  ) throws(MalformedReply) -> Value {
    // What ends in an opening bracket is no JSON; and where that bracket is the first to nest too
    // deep, the decoder of Swift 6.3 traps.
    if let last = body.readableBytesView.last, "[{".utf8.contains(last) {
      throw MalformedReply("no JSON: it ends where something begins")
    }
    do {
      return try JSONDecoder().decode(type, from: body)
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      throw MalformedReply("no JSON: \(Excerpt.of(body))")
    } catch {
      throw MalformedReply(error)
    }
  }
}
