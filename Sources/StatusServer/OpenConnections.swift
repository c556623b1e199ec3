internal import NIOCore
internal import Synchronization

/// The connections that are open, so that none outlives the server, and none keeps others out by
/// doing nothing.
///
/// Whoever comes is let in. Beyond the places that there are, the connection goes that has waited
/// for longest without a request, then the one that does not read its answer: who asks and reads is
/// never sent away for who does neither.
final class OpenConnections: Sendable {
  /// Served at once; beyond that somebody who does nothing has to go.
  static let places = 64
  /// For one address that is not this machine's.
  static let placesOfPeer = 32
  /// Where nobody does nothing, so many more are served before the next has to wait.
  static let reserve = 16
  /// An answer is on its way for so long before it counts as not being read.
  private static let patience = TimeAmount.seconds(1)

  /// What a connection is at.
  enum Occupation {
    /// No whole request has come.
    case waiting
    case answering
    /// A part of the answer is sent and not yet taken.
    case unread
  }

  private struct Entry {
    let channel: any Channel
    /// `nil` for this machine, whose users are all behind the same address.
    let peer: String?
    var occupation = Occupation.waiting
    var since: NIODeadline

    var isIdle: Bool { occupation == .waiting }
    func isUnread(at now: NIODeadline) -> Bool {
      occupation == .unread && now - since >= OpenConnections.patience
    }
  }

  private let entries = Mutex<[ObjectIdentifier: Entry]>([:])

  /// Ends them all, whatever they are at.
  func close() {
    for entry in entries.withLock({ Array($0.values) }) {
      entry.channel.close(mode: .all, promise: nil)
    }
  }

  /// Gives a connection a place, and takes it from another where there is none.
  func add(_ channel: any Channel) {
    let (id, now) = (ObjectIdentifier(channel), NIODeadline.now())
    let peer = Self.peer(channel.remoteAddress)
    let leaver: (any Channel)? = entries.withLock { entries in
      let others = entries
      entries[id] = Entry(channel: channel, peer: peer, since: now)
      let ofPeer = others.filter { $0.value.peer == peer }
      if peer != nil, ofPeer.count >= Self.placesOfPeer {
        // An address that has its share, and uses all of it, gets no more.
        let leaver = Self.leaver(of: ofPeer, at: now) ?? id
        return entries.removeValue(forKey: leaver)?.channel
      }
      guard others.count >= Self.places, let leaver = Self.leaver(of: others, at: now) else {
        return nil
      }
      return entries.removeValue(forKey: leaver)?.channel
    }
    leaver?.close(mode: .all, promise: nil)
  }

  func remove(_ channel: any Channel) {
    entries.withLock { $0[ObjectIdentifier(channel)] = nil }
  }

  func note(_ occupation: Occupation, of channel: any Channel) {
    let now = NIODeadline.now()
    entries.withLock { entries in
      guard let entry = entries[ObjectIdentifier(channel)], entry.occupation != occupation else {
        return
      }
      entries[ObjectIdentifier(channel)]?.occupation = occupation
      entries[ObjectIdentifier(channel)]?.since = now
    }
  }

  private static func leaver(
    of entries: [ObjectIdentifier: Entry], at now: NIODeadline
  ) -> ObjectIdentifier? {
    let idle = entries.filter { $0.value.isIdle }
    let useless = idle.isEmpty ? entries.filter { $0.value.isUnread(at: now) } : idle
    return useless.min { $0.value.since < $1.value.since }?.key
  }

  /// The address of another machine.
  private static func peer(_ address: SocketAddress?) -> String? {
    guard let text = address?.ipAddress, text != "::1", !text.hasPrefix("127."),
      !text.hasPrefix("::ffff:127.")
    else { return nil }
    return text
  }
}
