import CheckedJSON

@testable import EvenkeelDaemon

/// Configurations as text, for the tests of this folder.
enum ConfigurationText {
  static let file = "config.json"

  /// Reads a text as if it were `config.json` in a folder without other files.
  static func parse(
    _ text: String, environment: [String: String] = [:], existing: Set<String> = []
  ) throws(InvalidFile) -> Configuration {
    let files = ReferencedFiles(configuration: "/etc/evenkeel/\(file)", environment: environment) {
      existing.contains($0)
    }
    return try ConfigurationParser(file: file, files: files).parse(Array(text.utf8))
  }

  /// The lines that a text is refused with; none if it is not.
  static func complaints(_ text: String) -> [String] {
    do throws(InvalidFile) {
      _ = try parse(text)
      return []
    } catch {
      return error.description.split(separator: "\n").map(String.init)
    }
  }

  /// A small configuration, with more top-level keys or other lists.
  static func small(
    _ more: String = "", cadvisors: String = #"["http://web1:8080"]"#,
    balancers: String = #"[{"name": "lb1", "address": "unix:/run/h.sock"}]"#,
    backends: String = #"[{"name": "shop"}]"#
  ) -> String {
    """
    {"cadvisors": \(cadvisors), "balancers": \(balancers), "backends": \(backends)\(more)}
    """
  }

  static func small(backend: String) -> String {
    small(backends: #"[{"name": "shop", \#(backend)}]"#)
  }

  /// With every key that the present form has.
  static let full = """
    {
      "interval": "10s",
      "cadvisors": [
        "http://192.168.1.31:8080",
        { "url": "https://192.168.1.32:8443/cadvisor", "host": "web2",
          "ca_file": "/etc/evenkeel/ca.pem", "username": "probe",
          "password_file": "cadvisor-password", "client_certificate_file": "client.pem",
          "client_key_file": "client.key", "server_name": "web2.example" },
        { "url": "https://192.168.1.33", "host": "web3", "token_file": "cadvisor-token",
          "reply_limit": "64MiB" }
      ],
      "balancers": [
        { "name": "lb1", "address": "unix:/run/haproxy/admin.sock", "write": true },
        { "name": "lb2", "address": "tcp:192.168.1.2:9999" }
      ],
      "backends": [
        { "name": "backend_servers", "pattern": "api-.*", "label": "haproxy.server",
          "match": "address", "measure": "container", "hold": ["s1", "s2"], "respect": "0s" },
        { "name": "shop", "pattern": "(shop)-[0-9]+", "server": "{1}-{host}",
          "balancers": ["lb1"], "strategy": "halfway", "mode": "observe",
          "weights": { "min": 4, "max": 256 } }
      ],
      "mode": "control",
      "on_stop": "restore",
      "status": { "listen": "unix:/run/evenkeel/status.sock", "token_file": "status-token",
                  "group": "adm" }
    }
    """

  /// The form of 2015, with values like those that the script came with.
  static let form2015 = """
    {
      "pattern": "api-.*",
      "backend": "backend_servers",
      "haproxy_socket": "/var/run/haproxy.sock",
      "urls": ["http://192.168.1.31:8080", "http://192.168.1.32:8080", "http://192.168.1.33:8080/"]
    }
    """
}
