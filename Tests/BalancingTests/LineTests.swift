import Testing

@testable import Balancing

@Suite struct LineTests {
  @Test func `a line has its readings at its ends, and goes straight between them`() {
    let line = Line(from: at(10), to: at(14), first: 3, rise: 8)
    #expect([10, 11, 12, 14].map { line.value(at: at($0)) } == [3, 5, 7, 11])
  }

  @Test func `a line without length has its last reading`() {
    #expect(Line(from: at(10), to: at(10), first: 3, rise: 0).value(at: at(10)) == 3)
    #expect(Line(from: at(10), to: at(10), first: 3, rise: 2).value(at: at(12)) == 5)
  }
}
