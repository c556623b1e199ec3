import Testing

/// The dependency rules of the house: arrows point down only.
@Suite struct RoomTests {
  struct Room: Sendable, CustomTestStringConvertible {
    var name: String
    /// What it may import; everything of Swift's own library is allowed but concurrency's clocks,
    /// which are told apart below.
    var mayImport: Set<String>
    var testDescription: String { name }
  }

  static let rooms: [Room] = [
    // Glibc for the logarithm alone.
    Room(name: "Balancing", mayImport: ["Glibc"]),
    Room(name: "CheckedJSON", mayImport: ["FoundationEssentials", "Glibc"]),
    Room(name: "Deadlines", mayImport: []),
    Room(name: "Names", mayImport: ["CResolv", "Deadlines", "Glibc", "Synchronization"]),
    Room(name: "Control", mayImport: ["Balancing", "Deadlines"]),
    Room(
      name: "Simulation",
      mayImport: [
        "Balancing", "CheckedJSON", "Control", "DequeModule", "Glibc", "HeapModule",
        "Synchronization",
      ]),
    Room(
      name: "CAdvisor",
      mayImport: [
        "AsyncHTTPClient", "CheckedJSON", "FoundationEssentials", "Glibc", "NIOCore", "NIOHTTP1",
        "NIOPosix", "NIOSSL", "Names", "Synchronization",
      ]),
    Room(name: "HAProxy", mayImport: ["Glibc", "NIOCore", "NIOPosix", "Names", "Synchronization"]),
    Room(name: "PrometheusText", mayImport: []),
    Room(name: "DockerEngine", mayImport: ["CheckedJSON"]),
    Room(name: "Systemd", mayImport: ["CSystemd", "Glibc", "Logging", "Synchronization"]),
    Room(
      name: "EvenkeelDaemon",
      mayImport: [
        "AsyncHTTPClient", "Balancing", "CAdvisor", "CPCRE2", "CYAML", "CheckedJSON", "Control",
        "Deadlines", "DequeModule", "DockerEngine", "FoundationEssentials", "Glibc", "HAProxy",
        "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "Names", "PrometheusText", "ServiceLifecycle",
        "Synchronization", "Systemd", "UnixSignals",
      ]),
    Room(
      name: "StatusServer",
      mayImport: [
        "AsyncAlgorithms", "Balancing", "EvenkeelDaemon", "FoundationEssentials", "Glibc",
        "Hummingbird", "HummingbirdCore", "Logging", "NIOCore", "NIOHTTPTypes",
        "ServiceLifecycle", "Synchronization",
      ]),
    Room(name: "Terminal", mayImport: ["Glibc"]),
    Room(
      name: "Demo",
      mayImport: [
        "AsyncHTTPClient", "EvenkeelDaemon", "FoundationEssentials", "Glibc", "HAProxy",
        "Hummingbird", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "ServiceLifecycle",
        "StatusServer", "Subprocess", "Synchronization", "Terminal",
      ]),
    Room(
      name: "EvenkeelCommand",
      mayImport: [
        "ArgumentParser", "AsyncAlgorithms", "CheckedJSON", "Control", "Demo", "EvenkeelDaemon",
        "FoundationEssentials", "Glibc", "Logging", "NIOCore", "NIOPosix", "ServiceLifecycle",
        "Simulation", "StatusServer", "Systemd", "Terminal", "UnixSignals",
      ]),
  ]

  @Test(arguments: rooms)
  func `a room imports nothing but what is below it`(room: Room) throws {
    let files = try Repository.swiftFiles(in: "Sources/\(room.name)")
    #expect(!files.isEmpty)
    for file in files {
      let foreign = try Repository.imports(of: file).subtracting(room.mayImport)
      #expect(foreign.isEmpty, "\(file) imports \(foreign.sorted().joined(separator: ", "))")
    }
  }

  @Test(arguments: ["Balancing"])
  func `the mathematics knows no clock, no task and no lock`(room: String) throws {
    let forbidden = ["ContinuousClock", "SuspendingClock", "async ", "await ", "Task {", "Mutex"]
    for file in try Repository.swiftFiles(in: "Sources/\(room)") {
      let code = try Repository.text(file).split(whereSeparator: \.isNewline)
        .filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
      for word in forbidden {
        #expect(!code.contains(word), "\(file) uses \(word)")
      }
    }
  }

  @Test func `each folder of Sources is a known room`() throws {
    let folders = Set(
      try Repository.swiftFiles(in: "Sources").compactMap {
        $0.split(separator: "/").dropFirst().first.map(String.init)
      })
    #expect(folders == Set(Self.rooms.map(\.name)))
  }

  /// What the map has of each room: its folders, each with what it is for.
  private static func map() throws -> [String: Set<String>] {
    let text = try Repository.text("Sources/README.md")
    let block = text.split(separator: "```").dropFirst().first ?? ""
    var (map, room): ([String: Set<String>], String) = ([:], "")
    for line in block.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ")
      guard let name = words.first, words.count > 1 else { continue }
      if line.hasPrefix(" ") {
        map[room, default: []].insert(String(name))
      } else {
        room = String(name)
        map[room] = []
      }
    }
    return map
  }

  @Test func `the map has every room`() throws {
    let known = Set(Self.rooms.map(\.name))
    // The headers of C libraries share a line.
    #expect(Set(try Self.map().keys).subtracting(known) == ["CSystemd,"])
    #expect(known.subtracting(try Self.map().keys).isEmpty)
  }

  @Test(arguments: rooms)
  func `the map has every folder of a room, and no other`(room: Room) throws {
    let folders = try Repository.folders(in: "Sources/\(room.name)")
    guard room.name == "Balancing" else {
      #expect(try Self.map()[room.name] == folders)
      return
    }
    let told = try Repository.text("Sources/Balancing/README.md")
      .matches(of: /(?m)^\| `(\w+)` \| [^|]+ \|$/).map { String($0.output.1) }
    #expect(told.sorted() == folders.sorted())
  }

  @Test func `the whole of Foundation, and ICU with it, is imported nowhere`() throws {
    for file in try Repository.swiftFiles(in: "Sources") {
      #expect(try !Repository.imports(of: file).contains("Foundation"), "\(file)")
    }
  }

  /// Swift 6.3's traps where a text breaks off at the wrong place.
  @Test func `JSON is decoded in one place alone, which knows what the decoder cannot bear`() throws
  {
    for file in try Repository.swiftFiles(in: "Sources") {
      let usesDecoder = try Repository.text(file).contains("JSONDecoder(")
      #expect(usesDecoder == (file == "Sources/CheckedJSON/WholeJSON.swift"), "\(file)")
    }
  }

  @Test func `nothing that is shipped can trap on purpose`() throws {
    let traps = [
      "fatalError(", "preconditionFailure(", "precondition(", "try!", "as!", "@unchecked Sendable",
      "nonisolated(unsafe)",
    ]
    for file in try Repository.swiftFiles(in: "Sources") {
      let code = try Repository.text(file)
      for trap in traps { #expect(!code.contains(trap), "\(file) has \(trap)") }
    }
  }

  @Test func `every kind of event has its text in the journal's catalog`() throws {
    let source = try Repository.text("Sources/EvenkeelDaemon/Journal/JournalEvent.swift")
    let catalog = try Repository.text("systemd/evenkeel.catalog")
    let words: [Substring] = source.split(whereSeparator: { !$0.isHexDigit })
    let ids = words.filter { $0.count == 32 }
    #expect(!ids.isEmpty && Set(ids).count == ids.count)
    for id in ids {
      #expect(catalog.contains("-- \(id)\nSubject: "), "\(id) has no entry")
    }
    let entries = catalog.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("-- ") }
    #expect(entries.count == ids.count)
  }

  @Test func `every kind of event has a name of its own`() throws {
    let source = try Repository.text("Sources/EvenkeelDaemon/Journal/JournalEvent.swift")
    let names = source.matches(of: /"([a-z_]+)",\s+\.[a-z]+,\s+"[0-9a-f]{32}"/).map(\.1)
    let ids = source.matches(of: /"[0-9a-f]{32}"/)
    #expect(names.count == ids.count && Set(names).count == names.count)
  }
}
