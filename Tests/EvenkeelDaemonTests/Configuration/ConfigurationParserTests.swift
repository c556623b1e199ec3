import Balancing
import CAdvisor
import Control
import Testing

@testable import EvenkeelDaemon

struct ConfigurationParserTests {
  @Test func `what is not said has its default`() throws {
    let configuration = try ConfigurationText.parse(ConfigurationText.small())
    #expect(
      configuration
        == Configuration(
          interval: .seconds(10),
          endpoints: [
            EndpointConfiguration(
              name: "http://web1:8080", url: "http://web1:8080", host: "web1")
          ],
          balancers: [
            BalancerConfiguration(name: "lb1", address: .unix(path: "/run/h.sock"), writes: true)
          ],
          backends: [
            BackendSettings(
              name: "shop", balancers: ["lb1"],
              matching: MatchingRules(pattern: try PCREPattern(".*"), isBalancedHere: true),
              strategy: .capacity, mode: .control, measure: .fullest, weights: .standard,
              respect: .seconds(600))
          ],
          onStop: .keep, status: .standard))
  }

  @Test func `every key is read`() throws {
    let configuration = try ConfigurationText.parse(ConfigurationText.full)
    #expect(
      configuration
        == Configuration(
          interval: .seconds(10),
          endpoints: [
            EndpointConfiguration(
              name: "http://192.168.1.31:8080", url: "http://192.168.1.31:8080",
              host: "192.168.1.31"),
            EndpointConfiguration(
              name: "https://192.168.1.32:8443/cadvisor",
              url: "https://192.168.1.32:8443/cadvisor", host: "web2",
              caFile: "/etc/evenkeel/ca.pem",
              clientCertificate: ClientCertificate(
                certificateFile: "/etc/evenkeel/client.pem", keyFile: "/etc/evenkeel/client.key"),
              serverName: "web2.example",
              credentials: .basic(
                username: "probe", passwordFile: "/etc/evenkeel/cadvisor-password")),
            EndpointConfiguration(
              name: "https://192.168.1.33", url: "https://192.168.1.33", host: "web3",
              credentials: .bearer(tokenFile: "/etc/evenkeel/cadvisor-token"), replyLimit: 64 << 20),
          ],
          balancers: [
            BalancerConfiguration(
              name: "lb1", address: .unix(path: "/run/haproxy/admin.sock"), writes: true),
            BalancerConfiguration(
              name: "lb2", address: .tcp(host: "192.168.1.2", port: 9999), writes: true),
          ],
          backends: [
            BackendSettings(
              name: "backend_servers", balancers: ["lb1", "lb2"],
              matching: MatchingRules(
                pattern: try PCREPattern("api-.*"), label: "haproxy.server", byAddress: true),
              measure: .container, hold: ["s1", "s2"], respect: .zero),
            BackendSettings(
              name: "shop", balancers: ["lb1"],
              matching: MatchingRules(
                pattern: try PCREPattern("(shop)-[0-9]+"),
                template: ServerTemplate(parts: [.group(1), .literal("-"), .host]),
                isBalancedHere: true),
              strategy: .halfway, mode: .observe,
              weights: try #require(WeightBounds(minimum: 4, maximum: 256)),
              respect: .seconds(600)),
          ],
          onStop: .restore,
          status: StatusConfiguration(
            address: .unix(path: "/run/evenkeel/status.sock"),
            tokenFile: "/etc/evenkeel/status-token", group: "adm")))
  }

  @Test func `the status has names of its own`() throws {
    let parsed = try ConfigurationText.parse(
      ConfigurationText.small(#", "status": {"hosts": ["lb1", "status.example"]}"#))
    #expect(parsed.status.hosts == ["lb1", "status.example"])
    #expect(parsed.status.address == StatusConfiguration.standard.address)
  }

  @Test func `a backend's own mode wins over the one of the whole file`() throws {
    let text = ConfigurationText.small(
      #", "mode": "observe""#, backends: #"[{"name": "a"}, {"name": "b", "mode": "control"}]"#)
    #expect(try ConfigurationText.parse(text).backends.map(\.mode) == [.observe, .control])
  }

  @Test(arguments: [("1s", 1), ("10m", 600), ("60000ms", 60)])
  func `an interval may be a second to ten minutes`(text: String, seconds: Int) throws {
    let text = ConfigurationText.small(#", "interval": "\#(text)""#)
    #expect(try ConfigurationText.parse(text).interval == .seconds(seconds))
  }

  @Test func `a balancer without a name is called haproxy`() throws {
    let text = ConfigurationText.small(
      balancers: #"[{"address": "tcp:[::1]:9999", "write": false}]"#)
    let configuration = try ConfigurationText.parse(text)
    #expect(
      configuration.balancers == [
        BalancerConfiguration(
          name: "haproxy", address: .tcp(host: "::1", port: 9999), writes: false)
      ])
    #expect(configuration.backends.first?.balancers == ["haproxy"])
  }

  @Test func `the tick's settings name the balancers that are not written to`() throws {
    let text = ConfigurationText.small(
      #", "interval": "5s""#,
      balancers: """
        [{"name": "lb1", "address": "unix:/a", "write": false},
         {"name": "lb2", "address": "unix:/b"}]
        """)
    let configuration = try ConfigurationText.parse(text)
    #expect(
      configuration.controlSettings
        == ControlSettings(
          interval: .seconds(5), backends: configuration.backends, readOnlyBalancers: ["lb1"]))
  }

  @Test func `whole numbers may be written with a fraction of zero`() throws {
    let text = ConfigurationText.small(backend: #""weights": {"min": 4.0, "max": 1e2}"#)
    let bounds = WeightBounds(minimum: 4, maximum: 100)
    #expect(try ConfigurationText.parse(text).backends.first?.weights == bounds)
  }

  @Test(
    arguments: [
      ([:], [], "/etc/evenkeel/secret"),
      (["CREDENTIALS_DIRECTORY": ""], ["/secret"], "/etc/evenkeel/secret"),
      (["CREDENTIALS_DIRECTORY": "/run/c"], [], "/etc/evenkeel/secret"),
      (["CREDENTIALS_DIRECTORY": "/run/c"], ["/run/c/secret"], "/run/c/secret"),
    ] as [([String: String], Set<String>, String)])
  func `a relative file is a credential, or else beside the configuration`(
    environment: [String: String], existing: Set<String>, path: String
  ) throws {
    let text = ConfigurationText.small(
      cadvisors: """
        [{"url": "https://web1", "ca_file": "/ca.pem", "username": "u", "password_file": "secret"}]
        """)
    let endpoint = try #require(
      try ConfigurationText.parse(text, environment: environment, existing: existing)
        .endpoints.first)
    #expect(endpoint.credentials == .basic(username: "u", passwordFile: path))
    #expect(endpoint.caFile == "/ca.pem")
  }
}
