package import Balancing
package import Control
internal import FoundationEssentials

/// What one run learned, kept for the next: a JSON file with a version and the time of its writing.
package struct StateFile<Content: Codable & Sendable>: Sendable {
  package let path: String
  private let version: Int

  private init(path: String, version: Int) {
    self.path = path
    self.version = version
  }

  /// What an earlier run kept; `nil` when there was none.
  ///
  /// - Parameter now: on the wall clock.
  /// - Throws: `StateError.unusable` when the file is torn, foreign, too old or of another version.
  package func load(now: Timestamp) throws(StateError) -> Content? {
    let bytes: [UInt8]
    do {
      bytes = try RegularFile.read(path, limit: StateLimits.bytes)
    } catch .absent {
      return nil
    } catch {
      throw .unusable(path, reason: "\(error)")
    }
    let document: Document
    do {
      document = try decode(bytes)
    } catch let foreign as ForeignVersion {
      throw .unusable(path, reason: "of version \(foreign.version)")
    } catch {
      throw .unusable(path, reason: "not a state file of evenkeel")
    }
    let age = now.seconds(since: document.savedAt)
    guard age >= -StateLimits.secondsAhead else {
      throw .unusable(path, reason: "written in the future, as this machine's clock has it")
    }
    guard age <= StateLimits.seconds else {
      throw .unusable(path, reason: "\(decimal(age / 3600, 0)) hours old")
    }
    return document.content
  }

  /// Replaces the file at once or not at all.
  package func save(_ content: Content, now: Timestamp) throws(StateError) {
    let bytes: [UInt8]
    do {
      bytes = try encode(content, now: now)
    } catch {
      throw .unusable(path, reason: "cannot be written (\(error))")
    }
    guard bytes.count <= StateLimits.bytes else {
      throw .unusable(path, reason: "would be larger than \(StateLimits.bytes) bytes")
    }
    try WholeFile.replace(path, with: bytes)
  }

  /// The content of a file; of any age.
  package func content(of bytes: [UInt8]) throws -> Content { try decode(bytes).content }

  /// The bytes of a file.
  package func encode(_ content: Content, now: Timestamp) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return Array(
      try encoder.encode(Document(version: version, savedAt: now, content: content)))
  }

  private func decode(_ bytes: [UInt8]) throws -> Document {
    // Torn; and the decoder of Swift 6.3 traps where a file ends in the bracket that nests too deep.
    guard bytes.last == UInt8(ascii: "}") else { throw Torn() }
    let decoder = JSONDecoder()
    let header = try decoder.decode(Header.self, from: Data(bytes))
    guard header.version == version else { throw ForeignVersion(version: header.version) }
    return try decoder.decode(Document.self, from: Data(bytes))
  }

  private struct Document: Codable {
    var version: Int
    var savedAt: Timestamp
    var content: Content

    enum CodingKeys: String, CodingKey {
      case version
      case savedAt = "saved_at"
      case content = "learned"
    }
  }
}

private struct Header: Decodable {
  var version: Int
}

private struct Torn: Error {}

private struct ForeignVersion: Error {
  var version: Int
}

/// What a state file may be.
private enum StateLimits {
  static let bytes = 64 << 20
  /// Costs change with the code that is deployed and with what is asked of it: after a day without a
  /// look at either, learning anew is safer, and takes a minute.
  static let seconds = 86_400.0
  /// Clocks are set right by a little.
  static let secondsAhead = 300.0
}

extension StateFile where Content == LearnedFleet {
  /// What the daemon learned.
  package static func learned(in directory: String) -> Self {
    Self(path: "\(directory)/learned.json", version: 1)
  }
}

extension StateFile where Content == OnceState {
  /// What `evenkeel once` goes on from.
  package static func once(in directory: String) -> Self {
    Self(path: "\(directory)/once.json", version: 5)
  }
}

/// All that one pass of `evenkeel once` hands to the next.
package struct OnceState: Codable, Sendable {
  package var state: FleetState
  package var samples: SampleStore.Contents

  package init(state: FleetState, samples: SampleStore.Contents) {
    self.state = state
    self.samples = samples
  }
}
