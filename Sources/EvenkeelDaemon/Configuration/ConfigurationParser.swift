/// Makes a configuration of a file's bytes, or names everything that is wrong with them.
package struct ConfigurationParser: Sendable {
  /// The file as it is named in errors.
  private let file: String
  private let files: ReferencedFiles

  package init(file: String, files: ReferencedFiles) {
    self.file = file
    self.files = files
  }

  package func parse(_ bytes: [UInt8]) throws(InvalidConfiguration) -> Configuration {
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONReader.read(bytes)
    } catch {
      throw InvalidConfiguration(file: file, problems: [Problem(error)])
    }
    var reading = ConfigurationReading(files: files)
    let configuration = reading.configuration(value)
    guard let configuration, reading.problems.isEmpty else {
      throw InvalidConfiguration(file: file, problems: reading.problems)
    }
    return configuration
  }
}

extension Problem {
  fileprivate init(_ error: JSONSyntaxError) {
    self.init(
      path: "", message: "line \(error.line), column \(error.column): \(error.message)",
      hint: error.hint)
  }
}
