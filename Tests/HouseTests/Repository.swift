import FoundationEssentials

/// The repository's own files, found from where this file lies.
enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Every Swift file of a folder, with its path from the root.
  static func swiftFiles(in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
      .filter { $0.hasSuffix(".swift") }
      .map { "\(folder)/\($0)" }
      .sorted()
  }

  /// The names of a folder's own folders.
  static func folders(in folder: String) throws -> Set<String> {
    Set(
      try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
        .filter { $0.contains("/") }
        .compactMap { $0.split(separator: "/").first.map(String.init) })
  }

  /// The modules that a file imports.
  static func imports(of path: String) throws -> Set<String> {
    var modules: Set<String> = []
    for line in try text(path).split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ")
      guard let index = words.firstIndex(of: "import"), index <= 2,
        words[..<index].allSatisfy({ ["internal", "package", "public", "private"].contains($0) }),
        let module = words.dropFirst(index + 1).first
      else { continue }
      modules.insert(String(module.prefix { $0 != "." }))
    }
    return modules
  }
}
