package import CheckedJSON

/// Prometheus' format for lists of targets, of file_sd and http_sd alike:
/// `[{"targets": ["web1:8080"], "labels": {"__scheme__": "https"}}]`, as JSON or as YAML.
package enum TargetGroups {
  package static let largest = 2 << 20
  /// Hosts in a list: more than anybody has behind one HAProxy.
  package static let most = 10_000

  package enum Format: Sendable {
    case json, yaml

    /// As Prometheus tells them: by the file's name.
    package init(ofFile path: String) {
      let name = path.lowercased()
      self = name.hasSuffix(".yml") || name.hasSuffix(".yaml") ? .yaml : .json
    }
  }

  private enum Keys: String, CaseIterable { case targets, labels }

  /// - Throws: with every problem of it, and where it is.
  package static func parse(
    _ bytes: [UInt8], of file: String, as format: Format = .json
  ) throws(InvalidFile) -> [FoundTarget] {
    var reading = Reading()
    switch format {
    case .json:
      return try reading.read(bytes, of: file) { reading, node in reading.groups(node) }
    case .yaml:
      let value: JSONValue
      do throws(YAMLSyntaxError) {
        value = try YAMLReader.read(bytes)
      } catch {
        throw InvalidFile(file: file, problems: [Problem(error)])
      }
      let targets = reading.groups(JSONNode(path: "", value: value))
      guard let targets, reading.problems.isEmpty else {
        throw InvalidFile(file: file, problems: reading.problems)
      }
      return targets
    }
  }

  private struct Reading: CheckedReading {
    var problems: [Problem] = []

    mutating func groups(_ node: JSONNode) -> [FoundTarget]? {
      let targets = list(node, count: 0...Int.max)?.flatMap { group($0) }
      if let targets, targets.count > TargetGroups.most {
        report(
          node.path, "names \(targets.count) hosts", hint: "allowed: up to \(TargetGroups.most)")
        return nil
      }
      return targets
    }

    /// Who mends a list wants to see some of what is wrong, and not a million.
    private static let mostProblems = 20
    private static let longestTarget = 300

    private mutating func group(_ node: JSONNode) -> [FoundTarget] {
      guard problems.count < Self.mostProblems else { return [] }
      // What else somebody writes into a group is his.
      let object = object(node, of: Keys.self) { _, _, _ in }
      guard let object, let targets = required(.targets, of: object) else { return [] }
      var labels: [String: String] = [:]
      // One without a value is none, as for Prometheus.
      if let node = object[.labels], node.value != .null {
        guard case .object(let members) = node.value else {
          report(node.path, "must be an object, not \(node.value.kind)")
          return []
        }
        for case (let name, .string(let text)) in members.map({ ($0.name, $0.value) }) {
          labels[name] = text
        }
      }
      let scheme = labels["__scheme__"]
      if let scheme, scheme != "http", scheme != "https" {
        report(
          "\(node.path).labels", "has a __scheme__ that is neither http nor https")
        return []
      }
      let path = labels["__metrics_path__"].map { $0.hasPrefix("/") ? $0 : "/\($0)" }
      guard targets.value != .null else { return [] }
      return (list(targets, count: 0...Int.max) ?? []).compactMap { node in
        guard problems.count < Self.mostProblems else { return nil }
        if case .string(let text) = node.value, text.utf8.count > Self.longestTarget {
          report(node.path, "is longer than any HOST:PORT")
          return nil
        }
        guard let text = text(node) else { return nil }
        guard let (host, port) = HostAndPort.parse(text) else {
          report(node.path, "\(QuotedText(text)) is not HOST:PORT")
          return nil
        }
        return FoundTarget(host: host, port: port, scheme: scheme, path: path)
      }
    }
  }
}

/// `web1:8080`, `10.0.0.1:8080`, `[2001:db8::1]:8080`.
enum HostAndPort {
  static func parse(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"),
      let port = Int(text[colon...].dropFirst()), (1...65_535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, host.unicodeScalars.allSatisfy(HAProxyNames.allow) else { return nil }
    return (String(host), port)
  }
}
