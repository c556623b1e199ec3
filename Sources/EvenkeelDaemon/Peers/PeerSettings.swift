internal import Balancing
internal import Control

/// What a daemon is told of one backend, as far as its peers should be told the same.
package struct PeerSettings: Codable, Equatable, Sendable {
  var name: String
  var mode: String
  var strategy: String
  var measure: String
  var pattern: String
}

extension PeerSettings {
  init(_ backend: BackendSettings) {
    self.init(
      name: backend.name.text, mode: backend.mode.rawValue, strategy: backend.strategy.rawValue,
      measure: backend.measure.rawValue, pattern: backend.matching.pattern.source)
  }
}

extension PeerReport {
  /// What is configured otherwise there than here, a sentence each: nothing of it is wrong in itself.
  func differences(
    from own: Configuration, isNear: Bool, servers: [BackendName: [ServerReading]]
  ) -> [String] {
    var notes: [String] = []
    if evenkeel != evenkeelVersion {
      notes.append("it is evenkeel \(evenkeel), and this one \(evenkeelVersion)")
    }
    let interval = own.interval.inSeconds
    if abs(intervalSeconds - interval) > 0.01 * interval {
      notes.append(
        "it looks every \(decimal(intervalSeconds, 0)) s, and this one every \(decimal(interval, 0)) s: "
          + "between two looks its last demand stands")
    }
    guard let settings else { return notes }
    let theirs = Dictionary(settings.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for backend in own.backends.map(PeerSettings.init) {
      guard let its = theirs[backend.name] else {
        notes.append(
          "it steers no backend \(backend.name): what its HAProxy sends to those servers is not counted"
        )
        continue
      }
      notes += its.differences(from: backend)
    }
    let names = Set(own.backends.map(\.name.text))
    for its in settings where !names.contains(its.name) {
      notes.append("it steers a backend \(its.name), which is not configured here")
    }
    return notes + strangers(isNear: isNear, servers: servers)
  }

  /// Servers that it tells of and that are none of ours, by their addresses.
  private func strangers(
    isNear: Bool, servers: [BackendName: [ServerReading]]
  ) -> [String] {
    let reading = reading(of: servers.keys.sorted(), isNear: isNear)
    return servers.sorted { $0.key < $1.key }.compactMap { name, own in
      let told = reading.backends[name]?.servers.count ?? 0
      let known = PeersServers(own)
      let ours = reading.backends[name]?.servers.count { known.isOurs($0) } ?? 0
      guard told > 0, ours < told, !own.isEmpty else { return nil }
      return
        "\(told - ours) of its \(told) servers of \(name) are none of ours, by address and port or "
        + "by name: their requests are not counted"
    }
  }
}

extension PeerSettings {
  fileprivate func differences(from own: PeerSettings) -> [String] {
    let pairs = [
      ("mode", mode, own.mode), ("strategy", strategy, own.strategy),
      ("measure", measure, own.measure), ("pattern", pattern, own.pattern),
    ]
    return pairs.filter { $0.1 != $0.2 }.map { key, its, mine in
      let meaning =
        key == "mode" ? ": each writes its own HAProxy, or does not" : ": they plan differently"
      return "`\(key)` of \(name) is \(its) there, and \(mine) here\(meaning)"
    }
  }
}
