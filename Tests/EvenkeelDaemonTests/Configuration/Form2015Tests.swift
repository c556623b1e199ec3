import Balancing
import Control
import Testing

@testable import EvenkeelDaemon

struct Form2015Tests {
  @Test func `the script's file is read as it stands`() throws {
    let configuration = try ConfigurationText.parse(ConfigurationText.form2015)
    let urls = (1...3).map { "http://192.168.1.3\($0):8080" }
    #expect(
      configuration
        == Configuration(
          interval: .seconds(10),
          endpoints: zip(urls, 1...3).map { url, number in
            EndpointConfiguration(
              name: EndpointName(url), url: url, host: HostName("192.168.1.3\(number)"))
          },
          balancers: [
            BalancerConfiguration(
              name: "haproxy", address: .unix(path: "/var/run/haproxy.sock"), writes: true)
          ],
          backends: [
            BackendSettings(
              name: "backend_servers", balancers: ["haproxy"],
              matching: MatchingRules(pattern: try PCREPattern("api-.*")), respect: .seconds(600))
          ],
          onStop: .keep, status: .standard))
  }

  @Test func `several cadvisors behind one address are told apart by the rest of the URL`() throws {
    let text = """
      {"pattern": "a", "backend": "b", "haproxy_socket": "/h",
       "urls": ["http://gate:81/", "http://GATE:82", "http://gate/one", "http://web1"]}
      """
    #expect(
      try ConfigurationText.parse(text).endpoints.map(\.host)
        == ["gate:81", "GATE:82", "gate:80/one", "web1"])
  }

  @Test(arguments: [
    (
      #"{"urls": ["http://web1"]}"#,
      [
        "pattern: is missing (the 2015 form has pattern, backend, haproxy_socket and urls)",
        "backend: is missing (the 2015 form has pattern, backend, haproxy_socket and urls)",
        "haproxy_socket: is missing (the 2015 form has pattern, backend, haproxy_socket and urls)",
      ]
    ),
    (
      #"{"pattern": "(", "backend": "a b", "haproxy_socket": "h.sock", "urls": "http://web1"}"#,
      [
        "pattern: is no valid pattern: missing closing parenthesis, at byte 1",
        "backend: `a b` is no name (allowed: letters, digits, and - _ . :)",
        "haproxy_socket: `h.sock` is no absolute path (allowed: a path that begins with /)",
        "urls: must be a list, not a string",
      ]
    ),
    (
      #"{"pattern": "a", "backend": "b", "haproxy_socket": "/h", "urls": []}"#,
      ["urls: must not be empty"]
    ),
    (
      """
      {"pattern": "a", "backend": "b", "haproxy_socket": "/h", "urls": [{"url": "http://web1"}],
       "timeout": 200, "comment": "x"}
      """,
      [
        "timeout: is no key of the 2015 form, whose script ignored it (remove it)",
        "comment: is no key of the 2015 form, whose script ignored it (remove it)",
        "urls[0]: must be a string, not an object",
      ]
    ),
    (
      """
      {"pattern": "a", "backend": "b", "haproxy_socket": "/h", "backend": "c",
       "urls": ["http://web1", "http://web1/"]}
      """,
      ["backend: is given twice", "urls[1]: is the same URL as urls[0] (remove one of them)"]
    ),
  ])
  func `what is wrong with it is named by its own keys`(text: String, complaints: [String]) {
    #expect(ConfigurationText.complaints(text) == complaints.map { "config.json: \($0)" })
  }

  @Test func `it does not mix with the present form`() {
    let text = """
      {"pattern": "a", "backend": "b", "haproxy_socket": "/h", "urls": ["http://web1"],
       "interval": "5s"}
      """
    let message = "is a key of the 2015 form, which does not mix with the present one"
    #expect(
      ConfigurationText.complaints(text) == [
        "config.json: pattern: \(message) (write `pattern` in an object of the list `backends`)",
        "config.json: backend: \(message) (write `name` in an object of the list `backends`)",
        "config.json: haproxy_socket: \(message)"
          + " (write `address` in an object of the list `balancers`)",
        "config.json: urls: \(message) (write `sources`)",
        "config.json: sources: is missing",
        "config.json: balancers: is missing",
        "config.json: backends: is missing",
      ])
  }
}
