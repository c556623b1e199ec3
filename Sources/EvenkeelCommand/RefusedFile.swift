internal import CheckedJSON
internal import EvenkeelDaemon

/// What a command prints with `--json` in the place of its answer where a file cannot be used.
struct RefusedFile: Encodable {
  var version = 1
  var ok = false
  var file: String
  var problems: [Found]

  struct Found: Encodable {
    /// Where in the file, such as `backends[1].pattern`; empty for the file as a whole.
    var path: String
    var message: String
    @OrNull var hint: String?
  }

  init(_ invalid: InvalidFile) {
    file = invalid.file
    problems = invalid.problems.map { Found(path: $0.path, message: $0.message, hint: $0.hint) }
  }
}
