/// Requests that pile up at a server as they do not at its peers, nor usually at itself, by HAProxy's
/// word alone: a disk or a database behind it may be slow while its CPU idles, and CPU samples may be
/// half a minute old.
///
/// What was a pile remains one, for a while, until it is gone or requests are quick again: with less
/// traffic fewer wait, and each as long as before. But open connections that only linger look the
/// same; so after a while a pile of few is given traffic again, and must show itself anew.
///
/// Such a server is never given more, whatever its CPU says, and what it answers is taken for all
/// that it can do. One that is always slower than its peers is not held back by it, or each small
/// correction downward would last for ever.
struct PileUp: Hashable, Sendable {
  /// Requests in flight beyond what is usual.
  var excess: Double

  /// - Returns: for each server its pile; `nil` where there is none.
  static func find(_ sojourns: [Sojourn]) -> [PileUp?] {
    let stays = PeerValues(sojourns.map(\.seconds))
    return sojourns.indices.map { index in
      guard let usual = stays.median(without: index) else { return nil }
      return sojourns[index].excess(
        besidePeers: usual, own: sojourns[index].ownSeconds ?? usual
      ).map(PileUp.init)
    }
  }
}
