/// The path of a cgroup, which is what cAdvisor calls a container's id.
struct CgroupPath: Equatable {
  private let steps: [Substring]

  init(_ text: String) { steps = text.split(separator: "/") }

  /// Without a slash at its end.
  var text: String { Self.text(steps[...]) }

  /// Those that it is in, the nearest last, without the root.
  var parents: [String] {
    steps.indices.dropFirst().map { Self.text(steps[..<$0]) }
  }

  /// All that any of these is in. Most are in the same as the one before.
  static func parents(of paths: some Sequence<String>) -> Set<String> {
    var parents: Set<String> = []
    var last: Substring?
    for path in paths {
      let parent = parent(of: path)
      guard parent != last else { continue }
      parents.formUnion(CgroupPath(path).parents)
      last = parent
    }
    return parents
  }

  /// What stands before its last step, as it is written.
  static func parent(of path: String) -> Substring {
    let end = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
    return path[..<end]
  }

  /// Whether its name is one that Docker gives to its containers: `docker-<64 hex digits>.scope`
  /// under systemd, else `<64 hex digits>` in `/docker`.
  var isNamedByDocker: Bool {
    guard var name = steps.last else { return false }
    if name.hasPrefix("docker-"), name.hasSuffix(".scope") {
      name = name.dropFirst("docker-".count).dropLast(".scope".count)
    } else if steps.dropLast().last != "docker" {
      return false
    }
    return name.utf8.count == 64 && name.allSatisfy { $0.isASCII && $0.isHexDigit }
  }

  private static func text(_ steps: ArraySlice<Substring>) -> String {
    "/" + steps.joined(separator: "/")
  }
}
