package import CheckedJSON

extension Configuration {
  /// The largest file that is read, in bytes.
  package static let maximumFileSize = 4 << 20

  /// Reads and validates a configuration file.
  ///
  /// - Parameters:
  ///   - environment: of which only `CREDENTIALS_DIRECTORY` is looked at.
  ///   - mayBePipe: whether it may be standard input (`-`) or a pipe, which is read once, to its end.
  package static func load(
    from path: String, environment: [String: String], mayBePipe: Bool = false
  ) throws(InvalidFile) -> Configuration {
    let isInput = mayBePipe && path == ConfigurationLocation.standardInput
    let name = isInput ? "standard input" : path
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes =
        isInput
        ? try RegularFile.readStandardInput(limit: maximumFileSize)
        : try RegularFile.read(path, limit: maximumFileSize, mayBePipe: mayBePipe)
    } catch {
      throw InvalidFile(
        file: name, error,
        hintIfAbsent: "`evenkeel init` writes one; --config or $\(ConfigurationLocation.variable) "
          + "names another")
    }
    let files = ReferencedFiles(configuration: path, environment: environment)
    return try ConfigurationParser(file: name, files: files).parse(bytes)
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
