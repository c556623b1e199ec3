/// A JSON value as it was written: members keep their order, names that are given twice are both
/// there, and numbers are still text.
enum JSONValue: Equatable, Sendable {
  struct Member: Equatable, Sendable {
    let name: String
    let value: JSONValue
  }

  case null
  case boolean(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// What it is, for a sentence about what it should have been.
  var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
