import Control
import Testing
import TestSupport

@testable import EvenkeelDaemon

struct ConfigurationFuzzTests {
  private static let fragments = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-1", "1e999", "\"\\ud800\"", "{}",
    "[]", "\"name\":", "\"weights\":", "\"unix:/\"", "\"http://\"", "\"{9}\"", "\"(a+)+\"", "\u{0}",
    "\"urls\":[]", "\"tcp:[::1]:1\"", "é", "[[[[[[[[",
  ]

  /// Whatever is read has no empty list and only servers of known balancers; whatever is refused
  /// has problems, each with something to say.
  private static func check(_ bytes: [UInt8]) throws {
    let files = ReferencedFiles(configuration: "c", environment: [:]) { _ in false }
    do {
      let configuration = try ConfigurationParser(file: "c", files: files).parse(bytes)
      let names = Set(configuration.balancers.map(\.name))
      try require(!configuration.endpoints.isEmpty, "no endpoints")
      try require(!names.isEmpty, "no balancers")
      try require(!configuration.backends.isEmpty, "no backends")
      try require(
        Configuration.allowedIntervals.contains(configuration.interval), "wrong interval")
      for backend in configuration.backends {
        try require(!backend.balancers.isEmpty, "\(backend.name) has no balancer")
        try require(names.isSuperset(of: backend.balancers), "\(backend.name): unknown balancer")
      }
    } catch let error as InvalidConfiguration {
      try require(!error.problems.isEmpty, "refused without a problem")
      try require(error.problems.allSatisfy { !$0.message.isEmpty }, "a problem says nothing")
    }
  }

  @Test(arguments: [ConfigurationText.full, ConfigurationText.form2015])
  func `a configuration with random faults is read or refused, and never ends the program`(
    text: String
  ) throws {
    try forAllSeeds(500) { generator in
      var bytes = Array(text.utf8)
      for _ in 0..<generator.whole(1...4) {
        let start = generator.whole(0...bytes.count)
        let end = min(bytes.count, start + generator.whole(0...12))
        switch generator.whole(0...3) {
        case 0: bytes.removeSubrange(start..<end)
        case 1: bytes.insert(UInt8(generator.whole(0...255)), at: start)
        case 2: bytes.insert(contentsOf: bytes[start..<end], at: generator.whole(0...bytes.count))
        default:
          let fragment = Self.fragments[generator.whole(0...(Self.fragments.count - 1))]
          bytes.replaceSubrange(start..<end, with: fragment.utf8)
        }
      }
      try Self.check(bytes)
    }
  }

  @Test func `values in the wrong places are refused and never end the program`() throws {
    let value = try JSONReader.read(Array(ConfigurationText.full.utf8))
    try forAllSeeds(800) { generator in
      try Self.check(Array(Self.text(of: Self.shuffled(value, using: &generator)).utf8))
    }
  }

  @Test func `random bytes are refused and never end the program`() throws {
    try forAllSeeds(500) { generator in
      try Self.check((0..<generator.whole(0...200)).map { _ in UInt8(generator.whole(0...255)) })
    }
  }

  /// A value with some parts exchanged for others.
  private static func shuffled(
    _ value: JSONValue, using generator: inout SeededGenerator
  ) -> JSONValue {
    if generator.chance(0.04) {
      let others: [JSONValue] = [
        .null, .boolean(true), .number("-1"), .number("1e999"), .string(""), .string("x"),
        .array([]), .array([.null]), .object([]), .object([.init(name: "name", value: .null)]),
      ]
      return others[generator.whole(0...(others.count - 1))]
    }
    switch value {
    case .array(let elements):
      var changed = elements.map { shuffled($0, using: &generator) }
      if generator.chance(0.1) { changed += changed }
      return .array(changed)
    case .object(let members):
      var changed = members.map {
        JSONValue.Member(name: $0.name, value: shuffled($0.value, using: &generator))
      }
      if generator.chance(0.1) { changed += changed.suffix(1) }
      if generator.chance(0.1) { changed = changed.dropLast() }
      return .object(changed)
    default: return value
    }
  }

  private static func text(of value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .boolean(let flag): "\(flag)"
    case .number(let text): text
    case .string(let text): "\"\(text)\""
    case .array(let elements): "[" + elements.map(text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\"\($0.name)\":" + text(of: $0.value) }.joined(separator: ",") + "}"
    }
  }
}
