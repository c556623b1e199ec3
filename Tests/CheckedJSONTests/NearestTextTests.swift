import Testing

@testable import CheckedJSON

struct NearestTextTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("", "ab", 2), ("name", "name", 0), ("nmae", "name", 1),
    ("mode", "name", 3), ("kitten", "sitting", 3), ("pattern", "patterns", 1),
  ])
  func `a distance counts letters to insert, remove, replace or swap`(
    left: String, right: String, distance: Int
  ) {
    #expect(NearestText.distance(Array(left.utf8), Array(right.utf8)) == distance)
    #expect(NearestText.distance(Array(right.utf8), Array(left.utf8)) == distance)
  }

  @Test(arguments: [
    ("patern", "pattern"), ("Pattern", "pattern"), ("lable", "label"), ("mod", "mode"),
    ("startegy", "strategy"), ("weight", "weights"), ("nam", "name"), ("nane", "name"),
    ("meisure", "measure"), ("socket", nil), ("mx", nil), ("", nil),
    (String(repeating: "pattern", count: 1_000), nil),
  ])
  func `a slip of the fingers finds the key that was meant`(text: String, nearest: String?) {
    let keys = ["name", "pattern", "label", "mode", "strategy", "measure", "weights"]
    #expect(NearestText.nearest(to: text, among: keys) == nearest)
  }

  @Test func `nothing is near where there is no choice`() {
    #expect(NearestText.nearest(to: "name", among: []) == nil)
  }
}
