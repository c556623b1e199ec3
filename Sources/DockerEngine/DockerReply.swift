internal import CheckedJSON

/// Reads the replies of Docker's Engine API, and of Podman's service, which speaks it too.
package enum DockerReply {
  /// The running containers; those that cannot be read are counted.
  package static func list(_ bytes: [UInt8]) throws(MalformedDockerReply) -> ContainerList {
    let listed = try decode([Tolerant<ListedWire>].self, bytes)
    let containers = listed.compactMap { $0.value?.container }
    return ContainerList(containers: containers, unreadable: listed.count - containers.count)
  }

  /// - Returns: `nil` where nothing is told of limits.
  package static func limits(_ bytes: [UInt8]) throws(MalformedDockerReply) -> ContainerLimits? {
    try decode(InspectedWire.self, bytes).limits
  }

  /// - Returns: `nil` where the container has used nothing, or is not there any more.
  package static func use(_ bytes: [UInt8]) throws(MalformedDockerReply) -> ContainerUse? {
    try decode(UseWire.self, bytes).use
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, _ bytes: [UInt8]
  ) throws(MalformedDockerReply) -> Value {
    do {
      return try WholeJSON.decode(type, from: bytes)
    } catch let error as DecodingError {
      throw MalformedDockerReply(error)
    } catch {
      throw MalformedDockerReply(detail: "no JSON")
    }
  }
}

/// A value that may be anything.
struct Tolerant<Value: Decodable>: Decodable {
  let value: Value?

  init(from decoder: any Decoder) throws {
    value = try? Value(from: decoder)
  }
}

/// What is wrong with a reply.
package struct MalformedDockerReply: Error, Equatable, Sendable, CustomStringConvertible {
  package let detail: String

  init(detail: String) { self.detail = detail }

  fileprivate init(_ error: DecodingError) {
    let (path, problem): ([any CodingKey], String) =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context):
        (context.codingPath, "is of another kind than Docker's")
      case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
      case .dataCorrupted: ([], "no JSON")
      @unknown default: ([], "no JSON")
      }
    let place = path.prefix(8).map { String($0.stringValue.prefix(40)) }.joined(separator: ".")
    detail = place.isEmpty ? problem : "\(place) \(problem)"
  }

  package var description: String { detail }
}
