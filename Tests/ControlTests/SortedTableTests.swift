import Testing

@testable import Control

struct SortedTableTests {
  private static func table(_ keys: String...) -> SortedTable<Int> {
    SortedTable(keys.enumerated().map { .init(key: $1, value: $0) })
  }

  @Test func `it finds what was put in, whatever the order, and nothing else`() {
    let table = Self.table("c", "a", "b")
    #expect(table.entries.map(\.key) == ["a", "b", "c"])
    #expect(["a", "b", "c", "", "aa", "d"].map { table[$0] } == [1, 2, 0, nil, nil, nil])
    #expect(table.value(of: "b", near: 1) == 2 && table.value(of: "b", near: 0) == 2)
    #expect(table.value(of: "b", near: 7) == 2 && table.value(of: "x", near: 1) == nil)
    #expect(Self.table()["a"] == nil)
  }

  @Test func `of the same key the last one counts`() {
    #expect(
      Self.table("a", "b", "a").entries == [.init(key: "a", value: 2), .init(key: "b", value: 1)])
  }

  @Test func `keys are the same in the same order alone`() {
    let table = Self.table("a", "b")
    #expect(table.hasKeys(["a", "b"]))
    #expect(
      !table.hasKeys(["b", "a"]) && !table.hasKeys(["a"]) && !table.hasKeys(["a", "b", "c"]))
  }
}
