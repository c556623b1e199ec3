import FoundationEssentials

/// Where HAProxy's binary is.
enum HAProxyProgram {
  /// Debian puts it where only root's `PATH` leads.
  private static let otherFolders = ["/usr/sbin", "/usr/local/sbin"]

  /// - Parameter path: the user's choice; `nil` to search.
  /// - Throws: `DemoError` when there is none, or it cannot be run.
  static func find(_ path: String?, environment: [String: String]) throws(DemoError) -> String {
    if let path {
      guard isProgram(path) else { throw DemoError(.haproxyNotExecutable(path: path)) }
      return path
    }
    let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init) + otherFolders
    guard let found = folders.map({ "\($0)/haproxy" }).first(where: isProgram) else {
      throw DemoError(.haproxyMissing)
    }
    return found
  }

  private static func isProgram(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(filePath: path).resolvingSymlinksInPath().path)
    return attributes?[.type] as? FileAttributeType == .typeRegular
      && FileManager.default.isExecutableFile(atPath: path)
  }
}
