package import CheckedJSON

/// A scenario as JSON; `Scenarios/README.md` tells authors what may be in it.
package enum ScenarioFile {
  /// The largest that is worth reading, in bytes.
  package static let maximumSize = 4 << 20

  /// Makes a scenario of a file's bytes, or names everything that is wrong with them.
  ///
  /// - Parameter file: the file as it is named in errors.
  package static func parse(_ bytes: [UInt8], file: String) throws(InvalidFile) -> Scenario {
    var reading = ScenarioReading()
    return try reading.read(bytes, of: file) { $0.scenario($1) }
  }
}
