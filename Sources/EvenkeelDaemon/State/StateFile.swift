package import Balancing
internal import CheckedJSON
package import Control
internal import FoundationEssentials

/// What one run learned, kept for the next: a JSON file with a version and the time of its writing.
package struct StateFile<Content: Codable & Sendable>: Sendable {
  package let path: String
  private let version: Int
  /// What is older is of no use; `nil` where age is no matter.
  private let mostSeconds: Double?

  private init(path: String, version: Int, mostSeconds: Double? = StateLimits.seconds) {
    self.path = path
    self.version = version
    self.mostSeconds = mostSeconds
  }

  /// What an earlier run kept; `nil` when there was none.
  ///
  /// - Parameters:
  ///   - now: on the wall clock.
  ///   - boot: the same moment since the machine's start, which tells better how old a file is.
  /// - Throws: `StateError.unusable` when the file is torn, foreign, too old or of another version.
  package func load(now: Timestamp, boot: BootTime? = nil) throws(StateError) -> Content? {
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
    if let mostSeconds, let age = document.age(now: now, boot: boot), age > mostSeconds {
      throw .unusable(path, reason: "\(decimal(age / 3600, 0)) hours old")
    }
    return document.content
  }

  /// Replaces the file at once or not at all.
  package func save(
    _ content: Content, now: Timestamp, boot: BootTime? = nil
  ) throws(StateError) {
    let bytes: [UInt8]
    do {
      bytes = try encode(content, now: now, boot: boot)
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
  package func encode(
    _ content: Content, now: Timestamp, boot: BootTime? = nil
  ) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return Array(
      try encoder.encode(
        Document(version: version, savedAt: now, savedAtBoot: boot, content: content)))
  }

  private func decode(_ bytes: [UInt8]) throws -> Document {
    let header = try WholeJSON.decode(Header.self, from: bytes)
    guard header.version == version else { throw ForeignVersion(version: header.version) }
    return try WholeJSON.decode(Document.self, from: bytes)
  }

  private struct Document: Codable {
    var version: Int
    var savedAt: Timestamp
    var savedAtBoot: BootTime?
    var content: Content

    enum CodingKeys: String, CodingKey {
      case version
      case savedAt = "saved_at"
      case savedAtBoot = "saved_at_boot"
      case content = "learned"
    }

    /// Its age in seconds; `nil` where no clock can tell.
    ///
    /// Since the same start of the machine that is known whatever its clock was set to. Else a
    /// clock that was not set yet, now or then, says nothing: neither that it is of another
    /// century, nor that it is of the future.
    func age(now: Timestamp, boot: BootTime?) -> Double? {
      if let boot, let savedAtBoot, let seconds = boot.seconds(since: savedAtBoot) {
        return seconds
      }
      guard min(now, savedAt) >= StateLimits.clocksAreSet, now >= savedAt else { return nil }
      return now.seconds(since: savedAt)
    }
  }
}

private struct Header: Decodable {
  var version: Int
}

private struct ForeignVersion: Error {
  var version: Int
}

/// What a state file may be.
private enum StateLimits {
  static let bytes = 64 << 20
  /// Costs change with the code that is deployed and with what is asked of it: after a day without a
  /// look at either, learning anew is safer, and takes a minute.
  static let seconds = 86_400.0
  /// The year 2020: a clock that shows less was not set yet.
  static let clocksAreSet = Timestamp(nanoseconds: 1_577_836_800_000_000_000)
}

extension StateFile where Content == LearnedFleet {
  /// What the daemon learned.
  package static func learned(in directory: String) -> Self {
    Self(path: "\(directory)/learned.json", version: 1)
  }
}

extension StateFile where Content == KeptBrake {
  /// What somebody wants left alone. Each pause says itself how long it holds.
  package static func brake(in directory: String) -> Self {
    Self(path: "\(directory)/brake.json", version: 1, mostSeconds: nil)
  }
}

extension StateFile where Content == OnceState {
  /// What `evenkeel once` goes on from.
  package static func once(in directory: String) -> Self {
    Self(path: "\(directory)/once.json", version: 11)
  }
}

/// All that one pass of `evenkeel once` hands to the next.
package struct OnceState: Codable, Sendable {
  package var state: FleetState
  package var samples: SampleStore.Contents
  /// When it was, on the clock that all of it is on.
  package var clock: ClockMark?

  package init(state: FleetState, samples: SampleStore.Contents, clock: ClockMark? = nil) {
    self.state = state
    self.samples = samples
    self.clock = clock
  }
}
