package import CheckedJSON

extension Configuration {
  /// The largest file that is read, in bytes.
  package static let maximumFileSize = 4 << 20

  /// Reads and validates a configuration file.
  ///
  /// - Parameter environment: of which only `CREDENTIALS_DIRECTORY` is looked at.
  package static func load(
    from path: String, environment: [String: String]
  ) throws(InvalidFile) -> Configuration {
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = try RegularFile.read(path, limit: maximumFileSize)
    } catch {
      throw InvalidFile(
        file: path, error,
        hintIfAbsent: "name another with --config or $\(ConfigurationLocation.variable)")
    }
    let files = ReferencedFiles(configuration: path, environment: environment)
    return try ConfigurationParser(file: path, files: files).parse(bytes)
  }
}

extension InvalidFile {
  /// A file of which nothing can be read.
  package init(file: String, _ failure: RegularFile.Failure, hintIfAbsent: String) {
    let hint =
      switch failure {
      case .absent: hintIfAbsent
      case .notPermitted: "change its owner, group or mode"
      default: nil as String?
      }
    self.init(
      file: file, problems: [Problem(path: "", message: failure.description, hint: hint)])
  }
}
