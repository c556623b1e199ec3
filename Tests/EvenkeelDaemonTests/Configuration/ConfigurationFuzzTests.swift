import CheckedJSON
import CheckedJSONTestSupport
import Control
import Testing
import TestSupport

@testable import EvenkeelDaemon

struct ConfigurationFuzzTests {
  private static let fragments = [
    "\"weights\":", "\"unix:/\"", "\"http://\"", "\"{9}\"", "\"(a+)+\"", "\"urls\":[]",
    "\"tcp:[::1]:1\"",
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
    } catch let error as InvalidFile {
      try JSONFaults.check(error)
    }
  }

  @Test(arguments: [ConfigurationText.full, ConfigurationText.form2015])
  func `a configuration with random faults is read or refused, and never ends the program`(
    text: String
  ) throws {
    try forAllSeeds(500) { generator in
      try Self.check(
        JSONFaults.scattered(over: text, fragments: Self.fragments, using: &generator))
    }
  }

  @Test func `values in the wrong places are refused and never end the program`() throws {
    let value = try JSONReader.read(Array(ConfigurationText.full.utf8))
    try forAllSeeds(800) { generator in
      try Self.check(Array(JSONFaults.shuffled(value, using: &generator).text.utf8))
    }
  }

  @Test func `random bytes are refused and never end the program`() throws {
    try forAllSeeds(500) { generator in
      try Self.check(JSONFaults.noise(using: &generator))
    }
  }
}
