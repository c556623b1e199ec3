package import Balancing

package import Control
internal import FoundationEssentials

/// A configuration as it is written for the first time.
package struct FirstConfiguration: Sendable {
  package var mode = BackendSettings.Mode.observe
  package var endpoints: [String]
  /// Names with addresses as the configuration has them, such as `unix:/run/haproxy/admin.sock`.
  package var balancers: [(name: BalancerName, address: String)]
  package var backends: [Backend]

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

  /// The file's own form.
  private struct File: Encodable {
    var mode: String
    var cadvisors: [String]
    var balancers: [Balancer]
    var backends: [Backend]

    struct Balancer: Encodable {
      var name: String
      var address: String
    }

    struct Backend: Encodable {
      var name: String
      var pattern: String?
      var label: String?
      var server: String?
      var match: String?
      var balancers: [String]?
    }
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

  private func bytes() throws -> [UInt8] {
    let all = Set(balancers.map(\.name))
    let content = File(
      mode: mode.rawValue, cadvisors: endpoints,
      balancers: balancers.map { File.Balancer(name: $0.name.text, address: $0.address) },
      backends: backends.map { backend in
        File.Backend(
          name: backend.name.text, pattern: backend.rule.pattern, label: backend.rule.label,
          server: backend.rule.server,
          match: backend.rule.matchesByAddress ? ContainerMatch.address.rawValue : nil,
          balancers: Set(backend.balancers) == all ? nil : backend.balancers.map(\.text))
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(content)) + Array("\n".utf8)
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
