import Control
import Testing

@testable import EvenkeelDaemon

struct ServerTemplateParsingTests {
  @Test(
    arguments: [
      ("{1}-{host}", [.group(1), .literal("-"), .host]),
      ("{0}", [.group(0)]),
      ("srv", [.literal("srv")]),
      ("{alias}{label:com.example/x y}", [.alias, .label("com.example/x y")]),
      ("{{{2}}}", [.literal("{"), .group(2), .literal("}")]),
      ("{{1}}", [.literal("{1}")]),
    ] as [(String, [ServerTemplate.Part])])
  func `places stand in braces`(text: String, parts: [ServerTemplate.Part]) throws {
    #expect(try ServerTemplate(parsing: text, groupCount: 2).parts == parts)
  }

  @Test(arguments: [
    ("a{1", "has a `{` without its `}`"), ("a}", "has a `}` without its `{`"),
    ("{", "has a `{` without its `}`"), ("{}", "{} stands for nothing"),
    ("{10}", "{10} stands for nothing"), ("{-1}", "{-1} stands for nothing"),
    ("{Host}", "{Host} stands for nothing"), ("{label:}", "{label:} stands for nothing"),
    ("{label}", "{label} stands for nothing"), ("{1 }", "{1 } stands for nothing"),
    ("{٣}", "{٣} stands for nothing"),
  ])
  func `what is no place is refused with all that are`(text: String, message: String) {
    let hint =
      "allowed: {0} to {9}, {alias}, {host}, {label:KEY}; a brace itself is written {{ or }}"
    #expect(throws: ServerTemplate.Invalid(message: message, hint: hint)) {
      try ServerTemplate(parsing: text, groupCount: 9)
    }
  }

  @Test(arguments: [
    (0, "put parentheses into `pattern`, or use {0} for all that it matched"),
    (2, "allowed: {0} to {2}"),
  ])
  func `a group that the pattern does not have is refused`(groupCount: Int, hint: String) {
    let message = "{3} is a group that `pattern` does not have"
    #expect(throws: ServerTemplate.Invalid(message: message, hint: hint)) {
      try ServerTemplate(parsing: "{3}", groupCount: groupCount)
    }
  }

  @Test func `groups are not judged while the pattern is wrong`() throws {
    #expect(try ServerTemplate(parsing: "{9}", groupCount: nil).parts == [.group(9)])
  }
}
