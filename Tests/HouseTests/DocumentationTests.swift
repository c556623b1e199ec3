import FoundationEssentials
import Testing

/// The pages that people read, and where they lead.
@Suite struct DocumentationTests {
  private static let pages =
    ["README.md", "Sources/README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md"]
    + [
      "alerts", "algorithm", "changelog", "comparison", "configuration", "development", "failures",
      "neighbours", "operation", "simulator",
    ].map { "packaging/doc/\($0).md" }
  /// Pages for whoever works on one part.
  private static let innerPages = [
    "Sources/Balancing/README.md", "Sources/Simulation/Scenarios/README.md",
    "Tests/Acceptance/README.md",
  ]

  @Test(arguments: pages + innerPages)
  func `every link of a page leads somewhere`(page: String) throws {
    let folder = Repository.root.appending(path: page).deletingLastPathComponent()
    let links = try Repository.text(page).matches(of: /\]\(([^)\s]+)\)/).map { $0.output.1 }
    for link in links where !link.contains("://") {
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let target =
        parts[0].isEmpty
        ? Repository.root.appending(path: page) : folder.appending(path: String(parts[0]))
      #expect(FileManager.default.fileExists(atPath: target.path), "\(link)")
      guard parts.count == 2 else { continue }
      let text = try String(contentsOf: target, encoding: .utf8)
      #expect(Self.anchors(of: text).contains(String(parts[1])), "\(link)")
    }
  }

  @Test func `every page of packaging is one of these`() throws {
    let there = try FileManager.default.subpathsOfDirectory(
      atPath: Repository.root.appending(path: "packaging/doc").path)
    let known = Self.pages.filter { $0.hasPrefix("packaging/doc/") }
    #expect(
      there.filter { $0.hasSuffix(".md") }.map { "packaging/doc/\($0)" }.sorted()
        == known.sorted())
  }

  @Test func `the README leads to every page, and can be read in one go`() throws {
    let text = try Repository.text("README.md")
    for page in Self.pages.dropFirst() { #expect(text.contains("(\(page))"), "\(page)") }
    let words = text.split(whereSeparator: \.isWhitespace).count
    #expect((1_500...2_000).contains(words), "\(words) words")
  }

  @Test func `the README's test command is the one that CI runs`() throws {
    #expect(try Repository.text(".ci/run").hasSuffix("\nexec packaging/test\n"))
    #expect(try Repository.text("README.md").contains("\npackaging/test  "))
  }

  /// As GitHub makes them of the headings.
  private static func anchors(of page: String) -> [String] {
    page.split(separator: "\n").filter { $0.hasPrefix("#") }.map { heading in
      heading.drop { $0 == "#" || $0 == " " }.lowercased().filter {
        $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
      }.replacing(" ", with: "-")
    }
  }
}
