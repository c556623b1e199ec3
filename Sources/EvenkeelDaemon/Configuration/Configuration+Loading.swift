extension Configuration {
  /// The largest file that is read, in bytes.
  package static let maximumFileSize = 4 << 20

  /// Reads and validates a configuration file.
  ///
  /// - Parameter environment: of which only `CREDENTIALS_DIRECTORY` is looked at.
  package static func load(
    from path: String, environment: [String: String]
  ) throws(InvalidConfiguration) -> Configuration {
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = try RegularFile.read(path, limit: maximumFileSize)
    } catch {
      let hint =
        switch error {
        case .absent: "name another with --config or $\(ConfigurationLocation.variable)"
        case .notPermitted: "change its owner, group or mode"
        default: nil as String?
        }
      throw InvalidConfiguration(
        file: path, problems: [Problem(path: "", message: error.description, hint: hint)])
    }
    let files = ReferencedFiles(configuration: path, environment: environment)
    return try ConfigurationParser(file: path, files: files).parse(bytes)
  }
}
