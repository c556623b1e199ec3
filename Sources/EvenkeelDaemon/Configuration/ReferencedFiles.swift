import FoundationEssentials

/// Where the files are that a configuration names by relative paths.
package struct ReferencedFiles: Sendable {
  /// The folder of the configuration file; empty for the working directory.
  private let folder: String
  /// Where systemd puts the unit's credentials.
  private let credentialsFolder: String?
  private let exists: @Sendable (_ path: String) -> Bool

  /// - Parameter exists: whether there is a file; asks the file system unless a test knows better.
  package init(
    configuration path: String, environment: [String: String],
    exists: @escaping @Sendable (_ path: String) -> Bool = {
      FileManager.default.fileExists(atPath: $0)
    }
  ) {
    // Nothing lies beside a pipe that the shell made.
    let isPipe = ["/dev/", "/proc/"].contains { path.hasPrefix($0) }
    self.folder = isPipe ? "" : path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    self.credentialsFolder = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    self.exists = exists
  }

  /// The path to open: a credential of that name if there is one, else beside the configuration.
  package func path(of file: String) -> String {
    if file.hasPrefix("/") { return file }
    if let credentialsFolder {
      let credential = "\(credentialsFolder)/\(file)"
      if exists(credential) { return credential }
    }
    return folder + file
  }
}
