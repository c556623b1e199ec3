import Testing

@testable import PrometheusText

@Suite struct TextReaderTests {
  /// What a reader hands out, whole and byte by byte alike.
  private func read(
    _ text: String, names: Set<String> = ["cpu"], labels: Set<String> = ["id", "name", "mode"]
  ) throws -> (samples: [TextSample], malformedLines: Int) {
    func run(by step: Int) throws -> (samples: [TextSample], malformedLines: Int) {
      var reader = TextReader(names: names, labels: labels)
      var samples: [TextSample] = []
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: step) {
        try reader.take(Array(bytes[start..<min(start + step, bytes.count)])) {
          samples.append($0)
        }
      }
      try reader.finish()
      return (samples, reader.malformedLines)
    }
    let whole = try run(by: max(1, text.utf8.count))
    for step in [1, 3, 7] {
      let parts = try run(by: step)
      #expect(parts.samples == whole.samples && parts.malformedLines == whole.malformedLines)
    }
    return whole
  }

  private func refusal(_ text: String) -> String? {
    do {
      _ = try read(text)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `wanted series come with wanted labels, and no others`() throws {
    let page = """
      # HELP cpu Seconds.
      # TYPE cpu counter
      cpu{id="/docker/a",image="i",name="api-1"} 12.5 1795555456144
      cpu_load{id="/docker/a"} 3
      cpu 7
      mem{id="/docker/a"} 1e9

      """
    let read = try read(page)
    #expect(
      read.samples == [
        TextSample(
          name: "cpu", labels: ["id": "/docker/a", "name": "api-1"], value: 12.5,
          timestampNanoseconds: 1_795_555_456_144_000_000),
        TextSample(name: "cpu", value: 7),
      ])
    #expect(read.malformedLines == 0)
  }

  @Test(
    arguments: [
      ("1795555456144", 1_795_555_456_144_000_000),
      ("1795555456.144", 1_795_555_456_144_000_000), ("1795555456", 1_795_555_456_000_000_000),
      ("0", 0), ("-1", -1_000_000_000),
    ] as [(String, Int64)])
  func `milliseconds of 0.0.4 and seconds of OpenMetrics are told apart`(
    written: String, nanoseconds: Int64
  ) throws {
    #expect(try read("cpu 1 \(written)\n").samples.first?.timestampNanoseconds == nanoseconds)
  }

  @Test func `exemplars, units, created series and the end of OpenMetrics are survived`() throws {
    let page = """
      # TYPE cpu counter
      # UNIT cpu seconds
      cpu{id="a"} 3 1795555456.5 # {trace_id="x y"} 0.5 1795555456.1
      cpu_created{id="a"} 1795555000.1
      cpu{id="b"} 4 # {} 1
      # EOF
      """
    #expect(try read(page).samples.map(\.value) == [3, 4])
  }

  @Test func `names in quotes among the labels are read`() throws {
    let page = """
      {"cpu",id="a","name"="b c"} 2
      {"other.metric",id="a"} 3
      {id="a","cpu"} 4

      """
    let read = try read(page)
    #expect(
      read.samples == [
        TextSample(name: "cpu", labels: ["id": "a", "name": "b c"], value: 2),
        TextSample(name: "cpu", labels: ["id": "a"], value: 4),
      ])
  }

  @Test func `escapes are undone, and blanks are allowed where the format allows them`() throws {
    let page = #"cpu { id = "a\\b\"c\nd\q" , name="}{,=" , } +Inf"# + "\r\n"
    let sample = try #require(try read(page).samples.first)
    #expect(sample.labels == ["id": "a\\b\"c\nd\\q", "name": "}{,="])
    #expect(sample.value == .infinity)
  }

  @Test func `a line that is wrong spoils itself alone`() throws {
    let page = """
      cpu{id="a"} 1
      cpu{id="b"} one
      cpu{id="c" 2
      cpu{id="d"}
      cpu{id="e"} 5 soon
      cpu{id="f"} 6 1 2
      cpu{id="g"} 7

      """
    let read = try read(page)
    #expect(read.samples.map(\.value) == [1, 7])
    #expect(read.malformedLines == 5)
  }

  @Test(arguments: [
    "<html><body>Bad gateway</body></html>\n", "{\"error\": 1}\n", "404 page not found\n",
    "Unauthorized\n", "{\n",
  ])
  func `another page than one of metrics is refused with its beginning`(page: String) {
    #expect(refusal(page)?.hasPrefix("it begins with `") == true)
  }

  @Test func `a page that was cut is refused, and so is an empty one`() {
    #expect(refusal("cpu 1\ncpu 12") == "it ends within a line")
    #expect(refusal("") == "there is nothing in it")
    // A server without series says at least this.
    #expect(refusal("# EOF\n") == nil)
  }

  @Test func `a line without an end is not held for ever`() {
    var reader = TextReader(names: ["cpu"], labels: [])
    let part = [UInt8](repeating: 65, count: 100_000)
    #expect(throws: MalformedText.self) {
      for _ in 0..<20 { try reader.take(part) { _ in } }
    }
  }
}
