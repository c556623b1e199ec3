import Balancing
import CheckedJSON

extension ConfigurationReading {
  /// Reads the list of peers: URLs, or objects with a URL and more.
  mutating func peers(_ node: JSONNode) -> [PeerConfiguration] {
    let peers = (list(node) ?? []).compactMap { node in
      peer(node).map { (path: node.path, peer: $0) }
    }
    return distinct(peers, by: \.peer.name, at: \.path, hint: "remove one of them") { _, first in
      "is the same peer as \(first)"
    }.map(\.peer)
  }

  private mutating func peer(_ node: JSONNode) -> PeerConfiguration? {
    switch node.value {
    case .string: return peer(url: node)
    case .object: break
    default:
      report(node.path, "must be a URL or an object with `url`, not \(node.value.kind)")
      return nil
    }
    guard let object = object(node, of: ConfigurationKeys.Peer.self) else { return nil }
    let tokenFile = object[.tokenFile].flatMap { text($0) }.map(files.path)
    let caFile = object[.caFile].flatMap { text($0) }.map(files.path)
    guard let url = required(.url, of: object), var peer = peer(url: url) else { return nil }
    if caFile != nil, !peer.url.hasPrefix("https") {
      let scheme = peer.url.hasPrefix("http:") ? "http://" : "a socket"
      report(
        object.path(of: .caFile), "has no use with \(scheme)", hint: "write https:// in `url`")
    }
    peer.tokenFile = tokenFile
    peer.caFile = caFile
    return peer
  }

  private mutating func peer(socket text: String, at node: JSONNode) -> PeerConfiguration? {
    do throws(BalancerConfiguration.Address.Invalid) {
      let path = String(text.dropFirst(PeerConfiguration.socketScheme.count))
      _ = try BalancerConfiguration.Address.unix(socket: path)
      return PeerConfiguration(name: BalancerName(text), url: text)
    } catch {
      report(node.path, error.message, hint: error.hint)
      return nil
    }
  }

  private mutating func peer(url node: JSONNode) -> PeerConfiguration? {
    guard let text = text(node) else { return nil }
    if text.hasPrefix(PeerConfiguration.socketScheme) { return peer(socket: text, at: node) }
    do throws(EndpointURL.Invalid) {
      let url = try EndpointURL(text)
      let host = url.host.contains(":") ? "[\(url.host)]" : url.host
      return PeerConfiguration(name: BalancerName("\(host):\(url.port)\(url.path)"), url: url.text)
    } catch {
      report(node.path, error.message, hint: error.hint)
      return nil
    }
  }
}
