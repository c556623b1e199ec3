package import Balancing

package import Control
internal import FoundationEssentials
internal import Systemd

/// A configuration as it is written for the first time.
package struct FirstConfiguration: Sendable {
  package var mode = BackendSettings.Mode.observe
  package var endpoints: [String]
  /// What finds them all, so that they need not be listed.
  package var finding: Finding?
  /// Names with addresses as the configuration has them, such as `unix:/run/haproxy/admin.sock`.
  package var balancers: [(name: BalancerName, address: String)]
  package var backends: [Backend]

  /// What answers at the addresses of HAProxy's servers.
  package struct Finding: Sendable, Equatable {
    package var port: Int
    package var kind: SourceKind

    package static func cadvisors(port: Int) -> Self { Self(port: port, kind: .cadvisor) }
    package static let nodeExporter = Self(port: 9100, kind: .metrics)
  }

  package struct Backend: Sendable {
    package var name: BackendName
    package var balancers: [BalancerName]
    package var rule: BackendProposal.Rule
  }

  package init(
    mode: BackendSettings.Mode, endpoints: [String],
    balancers: [(name: BalancerName, address: String)], backends: [Backend]
  ) {
    self.mode = mode
    self.endpoints = endpoints
    self.balancers = balancers
    self.backends = backends
  }

  /// The file's text, read back by the configuration's own reader.
  ///
  /// - Throws: `InvalidFile` if that refuses it.
  package func text(for file: String) throws -> String {
    let bytes = try bytes()
    _ = try parse(bytes, as: file)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What the reader makes of it.
  func read() throws -> Configuration { try parse(bytes(), as: "the proposal") }

  private func parse(_ bytes: [UInt8], as file: String) throws -> Configuration {
    try ConfigurationParser(
      file: file, files: ReferencedFiles(configuration: file, environment: [:])
    ).parse(bytes)
  }

  /// Keys in the order of the documentation, the same each time: files are compared.
  private func bytes() throws -> [UInt8] {
    let all = Set(self.balancers.map(\.name))
    let sources = try finding.map(\.text) ?? JSONText.list(endpoints.map(JSONText.string))
    let balancers = try self.balancers.map {
      try JSONText.object([("name", $0.name.text), ("address", $0.address)])
    }
    let backends = try self.backends.map { backend in
      let rule = backend.rule
      let members = try [
        ("name", backend.name.text), ("pattern", rule.pattern), ("label", rule.label),
        ("server", rule.server),
        ("match", rule.matchesByAddress ? ContainerMatch.address.rawValue : nil),
      ].compactMap { key, value in try value.map { try JSONText.member(key, JSONText.string($0)) } }
      let names = backend.balancers.map(\.text)
      let used =
        Set(backend.balancers) == all
        ? []
        : [
          JSONText.member(
            "balancers", "[\(try names.map { try JSONText.string($0) }.joined(separator: ", "))]")
        ]
      return "{ \((members + used).joined(separator: ", ")) }"
    }
    let keys = [
      JSONText.member("sources", sources),
      JSONText.member("balancers", JSONText.list(balancers)),
      JSONText.member("mode", try JSONText.string(mode.rawValue)),
      JSONText.member("backends", JSONText.list(backends)),
    ]
    return Array("{\n\(keys.map { "  \($0)" }.joined(separator: ",\n"))\n}\n".utf8)
  }
}

extension FirstConfiguration.Finding {
  fileprivate var text: String {
    let servers = JSONText.member("servers", "{ \(JSONText.member("port", "\(port)")) }")
    let kind = kind == .cadvisor ? "" : ", " + JSONText.member("kind", "\"\(kind.rawValue)\"")
    return "{ \(servers)\(kind) }"
  }
}

/// JSON as a person writes it.
private enum JSONText {
  static func string(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    let written = String(decoding: try encoder.encode(text), as: UTF8.self)
    return written.escapingControlsInJSON
  }

  static func member(_ key: String, _ value: String) -> String { "\"\(key)\": \(value)" }

  static func object(_ members: [(String, String)]) throws -> String {
    let texts = try members.map { try member($0.0, string($0.1)) }
    return "{ \(texts.joined(separator: ", ")) }"
  }

  /// An element a line.
  static func list(_ elements: [String]) -> String {
    "[\n\(elements.map { "    \($0)" }.joined(separator: ",\n"))\n  ]"
  }
}

/// The configuration's file, written by `evenkeel init`.
package enum ConfigurationFile {
  /// Puts it in its place in whole or not at all, readable for all: the service has a user of its own.
  package static func write(_ text: String, to path: String) throws {
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try FileManager.default.createDirectory(
        atPath: String(path[..<slash]), withIntermediateDirectories: true)
    }
    try WholeFile.replace(path, with: Array(text.utf8), mode: 0o644)
  }

  package static func exists(at path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }
}
