package import CheckedJSON

/// Makes a configuration of a file's bytes, or names everything that is wrong with them.
package struct ConfigurationParser: Sendable {
  /// The file as it is named in errors.
  private let file: String
  private let files: ReferencedFiles

  package init(file: String, files: ReferencedFiles) {
    self.file = file
    self.files = files
  }

  package func parse(_ bytes: [UInt8]) throws(InvalidFile) -> Configuration {
    var reading = ConfigurationReading(files: files)
    return try reading.read(bytes, of: file) { $0.configuration($1) }
  }
}
