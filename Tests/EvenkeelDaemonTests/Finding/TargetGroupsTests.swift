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

  @Test func `a problem says where it is`() {
    #expect(
      problems(#"[{"targets": ["web1:80", "web2"]}]"#) == [
        "[0].targets[1]: `web2` is not HOST:PORT"
      ])
  }
}
