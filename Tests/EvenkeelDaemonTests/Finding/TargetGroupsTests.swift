import CheckedJSON
import Testing

@testable import EvenkeelDaemon

@Suite struct TargetGroupsTests {
  private func problems(_ text: String) -> [String] {
    do throws(InvalidFile) {
      _ = try TargetGroups.parse(Array(text.utf8), of: "targets.json")
      return []
    } catch {
      return error.problems.map { "\($0)" }
    }
  }

  @Test func `targets are read as Prometheus reads them`() throws {
    let text = """
      [
        {"targets": ["web1:8080", "10.0.0.2:9100", "[2001:db8::1]:80"], "labels": {"job": "a"}},
        {"targets": ["web3:443"],
         "labels": {"__scheme__": "https", "__metrics_path__": "probe", "n": 1}, "source": "x"},
        {"targets": []}
      ]
      """
    #expect(
      try TargetGroups.parse(Array(text.utf8), of: "targets.json") == [
        FoundTarget(host: "web1", port: 8080), FoundTarget(host: "10.0.0.2", port: 9100),
        FoundTarget(host: "2001:db8::1", port: 80),
        FoundTarget(host: "web3", port: 443, scheme: "https", path: "/probe"),
      ])
    #expect(try TargetGroups.parse(Array("[]".utf8), of: "targets.json") == [])
  }

  @Test(arguments: [
    ("", 1), ("{}", 1), ("[1]", 1), (#"[{"labels": {}}]"#, 1), (#"[{"targets": "web1:80"}]"#, 1),
    (#"[{"targets": ["web1", "web2:0", "we b:80", "a:b:1", ":80", "http://a:1"]}]"#, 6),
    (#"[{"targets": ["a:1"], "labels": {"__scheme__": "ftp"}}]"#, 1),
    (#"[{"targets": ["a:1"], "labels": []}]"#, 1), ("- targets: ['web1:80']", 1),
  ])
  func `what is wrong with a list is named with its place`(text: String, count: Int) {
    #expect(problems(text).count == count)
  }

  private func yamlProblems(_ text: String) -> [String] {
    do throws(InvalidFile) {
      _ = try TargetGroups.parse(Array(text.utf8), of: "targets.yml", as: .yaml)
      return []
    } catch {
      return error.problems.map { "\($0)" }
    }
  }

  @Test func `a list in YAML is read as Prometheus reads it`() throws {
    let text = """
      # kept by hand
      - targets: [web1:8080, "10.0.0.2:9100"]
        labels: &common
          env: prod
          zone: 1
      - targets:
          - '[2001:db8::1]:80'
        labels:
          __scheme__: https
          __metrics_path__: probe
      - targets: [web3:80]
        labels: *common
      - targets:
      - labels:
        targets: ["web4:80"]
      """
    #expect(
      try TargetGroups.parse(Array(text.utf8), of: "targets.yml", as: .yaml) == [
        FoundTarget(host: "web1", port: 8080), FoundTarget(host: "10.0.0.2", port: 9100),
        FoundTarget(host: "2001:db8::1", port: 80, scheme: "https", path: "/probe"),
        FoundTarget(host: "web3", port: 80), FoundTarget(host: "web4", port: 80),
      ])
    // What is JSON is YAML, too.
    let json = #"[{"targets": ["web1:80"], "labels": {}}]"#
    #expect(
      try TargetGroups.parse(Array(json.utf8), of: "targets.yaml", as: .yaml)
        == [FoundTarget(host: "web1", port: 80)])
  }

  @Test(arguments: [
    ("", "line 1: there is nothing in it"), ("# nothing\n", "line 2: there is nothing in it"),
    ("- targets: [a:1]\n  labels: [\n", "line 3: no YAML: "),
    ("- targets: [a:1]\n- targets: *a\n", "line 2: an alias stands for nothing"),
    ("- targets: [a:1]\n---\n- targets: [b:1]\n", "line 2: has more than one document"),
    ("- targets: [a]\n", "[0].targets[0]: `a` is not HOST:PORT"),
    ("- ? [a]\n  : b\n", "line 1: has a key that is no text"), ("- 1\n", "[0]: must be an object"),
    ("\u{1}", "line 1: no YAML: "), ("---\n...\n---\n", "line 4: there is nothing in it"),
    ("- targets: [a:1]\n...\n---\n- targets: [b:1]\n", "line 3: has more than one document"),
    ("- targets: [a:1]\n  targets: [b:1]\n", "line 2: has the key `targets` twice"),
    ("- targets: [a:1]\n  labels:\n    <<: x\n", "line 3: merges by `<<` what is no mapping"),
    ("- <<: [{targets: [a:1]}, 1]\n", "line 1: merges by `<<` what is no mapping"),
    ("- &a targets: [a:1]\n---\n---\n- *a\n", "line 3: has more than one document"),
    ("- &a {<<: *a}\n", "line 1: an alias stands for nothing"),
    (String(repeating: "- ", count: 100) + "a", "nests deeper than 64"),
  ])
  func `what is wrong with a list in YAML is named with its line or place`(
    text: String, beginning: String
  ) {
    let found = yamlProblems(text)
    #expect(found.count == 1 && found.first?.contains(beginning) == true, "\(found)")
  }

  @Test(arguments: ["---", "...", "---\n...", "...\n---\n# the end", "--- ~", "---\n---\n---"])
  func `what ends a list in YAML, or begins nothing more, is no second one`(end: String) throws {
    for begin in ["", "---\n", "---\n---\n"] {
      let text = "\(begin)- targets: [web1:80]\n\(end)\n"
      #expect(
        try TargetGroups.parse(Array(text.utf8), of: "targets.yml", as: .yaml)
          == [FoundTarget(host: "web1", port: 80)])
    }
  }

  @Test func `merge keys bring what a mapping does not say itself`() throws {
    let text = """
      - &first
        targets: [web1:80]
        labels: &tls {__scheme__: https, zone: a}
      - targets: [web2:80]
        labels:
          <<: *tls
          zone: b
      - <<: *first
        targets: [web3:80]
      - targets: [web4:80]
        labels:
          __scheme__: http
          <<: [{__metrics_path__: /one}, {__metrics_path__: /two, __scheme__: https}]
      - targets: [web5:80]
        labels: {"<<": text}
      """
    #expect(
      try TargetGroups.parse(Array(text.utf8), of: "targets.yml", as: .yaml) == [
        FoundTarget(host: "web1", port: 80, scheme: "https"),
        FoundTarget(host: "web2", port: 80, scheme: "https"),
        FoundTarget(host: "web3", port: 80, scheme: "https"),
        FoundTarget(host: "web4", port: 80, scheme: "http", path: "/one"),
        FoundTarget(host: "web5", port: 80),
      ])
  }

  @Test func `a few lines of YAML cannot stand for billions of values`() {
    var text = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let alias = "*a\(level - 1)"
      text += "- &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
    }
    #expect(yamlProblems(text).first?.contains("has more than 200000 values") == true)
    text = "- &a0 {k: v}\n"
    for level in 1...12 {
      let alias = "*a\(level - 1)"
      let names = (0..<10).map { "k\($0): \(alias)" }.joined(separator: ", ")
      text += "- &a\(level) {\(names), <<: [\(alias), \(alias)]}\n"
    }
    #expect(yamlProblems(text).first?.contains("has more than 200000 values") == true)
  }

  @Test func `long texts and directives take no minutes`() {
    let text = String(repeating: "a", count: 100_000)
    let aliases = String(repeating: "*a, ", count: 5_000)
    #expect(
      yamlProblems("- targets: [&a \(text), \(aliases)b:1]\n").first?.contains("values") == true)
    #expect(
      yamlProblems("- targets: [a:1]\n%TAG !a! b\n").first?.contains("line 2: begins with %")
        == true)
    #expect(problems("[{\"targets\": [\"\(text):80\"]}]").first?.contains("longer than") == true)
  }

  @Test func `not each of a million mistakes is told`() {
    let targets = Array(repeating: "\"a\"", count: 1_000).joined(separator: ",")
    #expect(problems("[{\"targets\": [\(targets)]}]").count == 20)
  }

  @Test func `a list has no more hosts than anybody has`() {
    let hosts = (0...TargetGroups.most).map { "\"h\($0):80\"" }.joined(separator: ",")
    #expect(problems("[{\"targets\": [\(hosts)]}]") == ["names 10001 hosts (allowed: up to 10000)"])
  }

  @Test(arguments: [("a/t.yml", true), ("T.YAML", true), ("yaml.json", false), ("targets", false)])
  func `the file's name tells what it is written in`(path: String, isYAML: Bool) {
    #expect(TargetGroups.Format(ofFile: path) == (isYAML ? .yaml : .json))
  }

  @Test func `a problem says where it is`() {
    #expect(
      problems(#"[{"targets": ["web1:80", "web2"]}]"#) == [
        "[0].targets[1]: `web2` is not HOST:PORT"
      ])
  }
}
