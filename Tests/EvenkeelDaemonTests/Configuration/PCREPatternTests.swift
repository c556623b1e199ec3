import TestSupport
import Testing

@testable import EvenkeelDaemon

struct PCREPatternTests {
  @Test(
    arguments: [
      ("api-.*", "api-1", ["api-1"]), ("api", "apix", ["api"]), ("web", "my-web", nil),
      ("a|web", "my-web", nil), ("(shop)-[0-9]+", "shop-12.old", ["shop-12", "shop"]),
      ("(a)|(b)", "b", ["b", nil, "b"]), ("(a)|(b)", "a", ["a", "a", nil]),
      ("(?P<n>x+)-(?P=n)", "xx-xx", ["xx-xx", "xx"]), (#"api\Z"#, "api", ["api"]),
      (#"api\Z"#, "apix", nil), ("(?i)api", "API-1", ["API"]), ("api$", "api", ["api"]),
      ("(?:a|b)+", "abba-1", ["abba"]), ("(?!web)[a-z]+", "api", ["api"]), ("[]a]", "a", ["a"]),
      ("(x)?(?(1)y|z)", "xy", ["xy", "x"]), ("(é.)", "é😀x", ["é😀", "é😀"]), (".*", "", [""]),
      (#"\w+"#, "é", nil), ("a{0,2}", "aaa", ["aa"]), ("[a-z&&b]+", "b&a", ["b&a"]),
    ] as [(String, String, [String?]?)])
  func `a pattern matches as in Python, from the start`(
    pattern: String, name: String, groups: [String?]?
  ) throws {
    #expect(try PCREPattern(pattern).groups(atStartOf: name) == groups)
  }

  @Test(arguments: [
    ("api", 0), ("(a)(b)", 2), ("(?:a)(?P<n>b)", 1), ("((a)|b)", 2),
  ])
  func `groups are counted without the whole match`(pattern: String, count: Int) throws {
    #expect(try PCREPattern(pattern).groupCount == count)
  }

  @Test(
    arguments: [
      ("(", "is no valid pattern: missing closing parenthesis, at byte 1", nil),
      (
        "api-[0-9", "is no valid pattern: missing terminating ] for character class, at byte 8", nil
      ),
      ("*a", "is no valid pattern: quantifier does not follow a repeatable item, at byte 0", nil),
      (#"\C"#, #"is no valid pattern: using \C is disabled by the application, at byte 2"#, nil),
      ("a{,3}", "has `{,3}`, which not every version of PCRE2 understands", "write `{0,3}`"),
    ] as [(String, String, String?)])
  func `a wrong pattern is refused in the library's words`(
    pattern: String, reason: String, hint: String?
  ) {
    #expect(throws: PCREPattern.Invalid(reason: reason, hint: hint)) { try PCREPattern(pattern) }
  }

  @Test(arguments: [
    String(repeating: "a", count: 1_001), String(repeating: "(", count: 400),
    "(?:(?:a|b){1000}){60}",
    #"(?:(?:(?:\b){1000}){15}a?)*c"#,
  ])
  func `a pattern that would be too large is refused`(pattern: String) {
    #expect(throws: PCREPattern.Invalid.self) { try PCREPattern(pattern) }
  }

  @Test func `a brace and a comma that are no quantifier are let through`() throws {
    #expect(try PCREPattern("a{,x}").groups(atStartOf: "a{,x}") == ["a{,x}"])
  }

  @Test(arguments: [
    "(a+)+b", "(a|a)*b", "(a|aa)+b", "(.*)*c", "(?:a?){30}a{30}b", "(a+)*?b", "(a*)*(a*)*(a*)*b",
    ".*.*.*.*c", "(a(?R)?)*b", "(?=(a+)+b)", "(a|b|ab)*(?:a|b)*b", "((a{0,255})*)*b",
  ])
  func `a pattern that runs away is given up`(pattern: String) throws {
    // Ends in a `b`, so that PCRE2 does not see at once that the pattern cannot match.
    let name = String(repeating: "a", count: 500) + "cb"
    let pattern = try PCREPattern(pattern + #"\Z"#)
    #expect(pattern.verdict(on: name) == .limitExceeded)
    #expect(pattern.groups(atStartOf: name) == nil)
  }

  @Test func `it goes on after a match that was given up`() throws {
    let pattern = try PCREPattern(#"(a+)+b\Z"#)
    #expect(pattern.verdict(on: String(repeating: "a", count: 40) + "cb") == .limitExceeded)
    #expect(pattern.verdict(on: "aab") == .match(["aab", "aa"]))
    #expect(pattern.verdict(on: "aac") == .noMatch)
  }

  @Test func `a common pattern is not given up on the longest name`() throws {
    let name = String(repeating: "a-", count: PCREPattern.maximumNameLength / 2)
    for pattern in [".*", "(.*)-(.*)", "(?:[a-z]-)+", "(?:a|-)*", ".*-[0-9]+"] {
      #expect(try PCREPattern(pattern).verdict(on: name) != .limitExceeded, "\(pattern)")
    }
  }

  @Test func `a name longer than the limit is given up`() throws {
    let pattern = try PCREPattern(".*")
    let longest = String(repeating: "a", count: PCREPattern.maximumNameLength)
    #expect(pattern.verdict(on: longest) == .match([longest]))
    #expect(pattern.verdict(on: longest + "a") == .limitExceeded)
  }

  @Test func `many tasks share one pattern`() async throws {
    let pattern = try PCREPattern("(shop)-([0-9]+)")
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask {
          pattern.groups(atStartOf: "shop-\(number)") == ["shop-\(number)", "shop", "\(number)"]
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test func `patterns of random parts answer with parts of the name, or not at all`() throws {
    let parts = [
      "a", "b", "-", ".", ".*", "a+", "(", ")", "(?:", "(?=", "(?<=", "(?>", "|", "*", "+", "?",
      "{0,255}", "{3}", "[a-z]", "[^-]", "\\b", "\\K", "\\1", "(?1)", "(?R)", "(?P<n>", "(?i)", "$",
      "^", "(*COMMIT)", "(*LIMIT_MATCH=99999999)", "é",
    ]
    let name = String(repeating: "aab-é", count: 80)
    try forAllSeeds(3_000) { generator in
      let source = (0..<generator.whole(1...12)).map { _ in
        parts[generator.whole(0...(parts.count - 1))]
      }.joined()
      guard let pattern = try? PCREPattern(source) else { return }
      guard case .match(let groups) = pattern.verdict(on: name) else { return }
      try require(groups.count == pattern.groupCount + 1, "\(source): \(groups.count) groups")
      for group in groups.compactMap(\.self) where !group.isEmpty {
        try require(name.contains(group), "\(source): \(group) is no part of the name")
      }
    }
  }
}
