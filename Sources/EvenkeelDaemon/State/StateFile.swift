package import Control
internal import FoundationEssentials
internal import Glibc

/// What one run learned, kept for the next: a JSON file with a version.
package struct StateFile: Sendable {
  private static let version = 1
  private static let mostBytes = 64 << 20

  package let path: String

  package init(directory: String) { path = "\(directory)/once.json" }

  /// What was learned, and from which samples.
  package struct Learned: Codable, Sendable {
    package var state: FleetState
    package var samples: SampleStore.Contents

    package init(state: FleetState, samples: SampleStore.Contents) {
      self.state = state
      self.samples = samples
    }
  }

  private struct Document: Codable {
    var version: Int
    var learned: Learned
  }

  /// What an earlier run kept; `nil` when there was none.
  ///
  /// - Throws: `StateError.unusable` when the file is torn, foreign or of another version.
  package func load() throws(StateError) -> Learned? {
    let bytes: [UInt8]
    do {
      bytes = try RegularFile.read(path, limit: Self.mostBytes)
    } catch .absent {
      return nil
    } catch {
      throw .unusable(path, reason: "\(error)")
    }
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else {
      throw .unusable(path, reason: "not a state file of evenkeel")
    }
    guard document.version == Self.version else {
      throw StateError.unusable(path, reason: "of version \(document.version)")
    }
    return document.learned
  }

  /// Replaces the file at once or not at all.
  package func save(_ learned: Learned) throws(StateError) {
    do {
      let data = try JSONEncoder().encode(Document(version: Self.version, learned: learned))
      try data.write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw StateError.unusable(path, reason: "cannot be written (\(error))")
    }
  }

  /// Makes the directory, if it is not there.
  package static func makeDirectory(_ path: String) throws(StateError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o750])
    } catch {
      throw StateError.file(path, errno: errno == 0 ? EIO : errno)
    }
  }
}
