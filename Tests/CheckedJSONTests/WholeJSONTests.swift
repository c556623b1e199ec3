import CheckedJSON
import Testing

@Suite struct WholeJSONTests {
  private struct Pair: Decodable, Equatable {
    var oneKey: Int
  }

  /// At 513 brackets the decoder gives up.
  static let depths = [1, 2, 511, 512, 513, 514, 5000]

  @Test(arguments: depths, ["", " ", "\n", "\r\n\t "])
  func `a text that breaks off however deep is refused`(depth: Int, space: String) {
    for bracket in ["[", "{", #"{"a":["#] {
      let text = String(repeating: bracket, count: depth) + space
      #expect(throws: UnfinishedJSON.self) {
        try WholeJSON.decode([Int].self, from: Array(text.utf8))
      }
    }
  }

  @Test(arguments: depths)
  func `nor does one that is no UTF-8 break off with the program`(depth: Int) {
    let bracket = UInt8(ascii: "[")
    let marks: [[UInt8]] = [
      [], [0xFF, 0xFE], [0xFE, 0xFF], [0xFF, 0xFE, 0, 0], [0, 0, 0xFE, 0xFF],
    ]
    let scalars: [[UInt8]] = [
      [bracket, 0], [0, bracket], [bracket, 0, 0, 0], [0, 0, 0, bracket],
    ]
    for mark in marks {
      for scalar in scalars {
        for tail in [[], [0], [UInt8(ascii: "x")]] {
          let bytes = mark + Array(repeating: scalar, count: depth).joined() + tail
          #expect(throws: DecodingError.self) { try WholeJSON.decode([Int].self, from: bytes) }
        }
      }
    }
  }

  @Test func `what is whole is decoded, whatever space surrounds it`() throws {
    #expect(try WholeJSON.decode([Int].self, from: Array("\n[1, 2]\n ".utf8)) == [1, 2])
    #expect(try WholeJSON.decode(Int.self, from: Array("7".utf8)) == 7)
    #expect(try WholeJSON.decode(String.self, from: Array(#""é[""#.utf8)) == "é[")
    #expect(try WholeJSON.decode([Int].self, from: [0xEF, 0xBB, 0xBF] + Array("[1]".utf8)) == [1])
  }

  @Test func `keys are as they are written, or in snake case`() throws {
    let same = try WholeJSON.decode(Pair.self, from: Array(#"{"oneKey":1}"#.utf8))
    let snake = try WholeJSON.decode(
      Pair.self, from: Array(#"{"one_key":1}"#.utf8), snakeCase: true)
    #expect(same == snake)
  }

  @Test(arguments: ["", " ", "]", "[1", "[1,", "nul", "\u{0}"])
  func `what is no JSON is an error without a path`(text: String) {
    #expect {
      try WholeJSON.decode([Int].self, from: Array(text.utf8))
    } throws: { error in
      guard case .dataCorrupted(let context)? = error as? DecodingError else { return false }
      return context.codingPath.isEmpty
    }
  }
}
