import CheckedJSON
import Testing

struct CheckedReadingTests {
  private struct Reading: CheckedReading {
    var problems: [Problem] = []
  }

  private enum Keys: String, CaseIterable {
    case name, size, flag, parts, inner
  }

  private enum Colour: String, CaseIterable {
    case red, green
  }

  /// What is read of a text, and the lines that are said of it.
  private func reading<Value>(
    _ text: String, _ read: (inout Reading, JSONNode) -> Value?
  ) -> (value: Value?, complaints: [String]) {
    var reading = Reading()
    do throws(InvalidFile) {
      return (try reading.read(Array(text.utf8), of: "f", as: read), [])
    } catch {
      return (nil, error.problems.map(\.description))
    }
  }

  @Test(arguments: [
    ("0", 0.0), ("-0.5", -0.5), ("1e2", 100), ("100", 100), ("-0", 0), ("12.25", 12.25),
  ])
  func `a number within bounds is read`(text: String, value: Double) {
    let (read, complaints) = reading(text) { $0.number($1, in: -0.5...100) }
    #expect(read == value && read?.sign == value.sign)
    #expect(complaints.isEmpty)
  }

  @Test(arguments: [
    ("100.5", "must be a number within bounds, not 100.5"),
    ("-1", "must be a number within bounds, not -1"),
    ("1e999", "must be a number within bounds, not 1e999"),
    ("123456789012345678901234567890", "must be a number within bounds, not 12345678901234567890"),
    ("\"5\"", "must be a number, not a string"), ("null", "must be a number, not null"),
  ])
  func `a number out of bounds is told the bounds`(text: String, message: String) {
    let (_, complaints) = reading(text) { $0.number($1, in: -0.5...100) }
    #expect(complaints == ["\(message) (allowed: -0.5…100)"])
  }

  @Test(arguments: ["1.5", "0", "11", "1e999", "true"])
  func `what is no whole number within bounds is told them`(text: String) {
    let (_, complaints) = reading(text) { $0.integer($1, in: 1...10) }
    #expect(complaints.count == 1 && complaints.allSatisfy { $0.hasSuffix("(allowed: 1…10)") })
  }

  @Test(arguments: [
    (0.0, "0"), (-86_400, "-86400"), (0.0001, "0.0001"), (0.1, "0.1"), (100_000_000, "100000000"),
    (1e300, "1e+300"), (.infinity, "inf"),
  ])
  func `a number is shown as a person writes it`(number: Double, text: String) {
    #expect(PlainNumber(number).description == text)
  }

  @Test func `every problem has its place`() {
    let text = #"""
      {"size": 0, "flag": 1, "parts": [5, {"inner": {"x y": 1}}], "colour": 1, "size": 2}
      """#
    let (_, complaints) = reading(text) { reading, node -> Bool? in
      guard let object = reading.object(node, of: Keys.self) else { return nil }
      _ = reading.required(.name, of: object)
      _ = object[.flag].flatMap { reading.boolean($0) }
      for part in object[.parts].flatMap({ reading.list($0) }) ?? [] {
        guard let part = reading.object(part, of: Keys.self) else { continue }
        _ = part[.inner].flatMap { reading.object($0, of: Keys.self) }
      }
      return true
    }
    #expect(
      complaints == [
        "colour: is no key that evenkeel knows (allowed: name, size, flag, parts, inner)",
        "size: is given twice", "name: is missing", "flag: must be true or false, not a number",
        "parts[0]: must be an object, not a number",
        "parts[1].inner[`x y`]: is no key that evenkeel knows"
          + " (allowed: name, size, flag, parts, inner)",
      ])
  }

  @Test(arguments: [
    ("[]", ["must not be empty"]), ("[1, 2, 3]", ["has 3 elements (allowed: up to 2)"]),
    ("{}", ["must be a list, not an object"]), ("[1]", []),
  ])
  func `a list has as many elements as are allowed`(text: String, complaints: [String]) {
    #expect(reading(text) { $0.list($1, count: 1...2) }.complaints == complaints)
  }

  @Test(arguments: [
    ("\"red\"", nil), ("\"blue\"", "must not be `blue` (allowed: red, green)"),
    ("1", "must be a string, not a number (allowed: red, green)"),
  ])
  func `a choice is one of those that its type lists`(text: String, complaint: String?) {
    let (read, complaints) = reading(text) { $0.choice($1, of: Colour.self) }
    #expect(complaints == (complaint.map { [$0] } ?? []))
    #expect((read == .red) == (complaint == nil))
  }

  @Test func `a reference to what does not exist is told what does`() {
    var known = KnownNames(ofEach: "ship of this fleet")
    known.insert("maria")
    known.insert("anna")
    func complaints(_ text: String) -> [String] {
      reading(text) { $0.reference($1, to: known) }.complaints
    }
    #expect(complaints("\"anna\"").isEmpty)
    #expect(complaints("\"mara\"") == ["`mara` is no ship of this fleet (did you mean `maria`?)"])
    #expect(complaints("\"x\"") == ["`x` is no ship of this fleet (allowed: anna, maria)"])
    // It may be the one that could not be read.
    known.insert(nil)
    #expect(complaints("\"x\"").isEmpty)
    #expect(complaints("\"x y\"") == ["`x y` is no name (allowed: letters, digits, and - _ . :)"])
  }

  @Test func `a long list of choices is cut`() {
    let hint = NearestText.hint(insteadOf: "x", among: (100..<200).map { "server-\($0)" })
    #expect(hint.hasPrefix("allowed: server-100, server-101,") && hint.hasSuffix("server-123, …"))
  }

  @Test func `what is read with a problem does not count`() {
    let (read, complaints) = reading("1") { reading, _ -> Int? in
      reading.report("", "is no good")
      return 1
    }
    #expect(read == nil && complaints == ["is no good"])
  }
}
