internal import Balancing

extension HostTrack {
  /// What is used of it from which on its containers are looked at all together: whoever wants CPU of what
  /// is left may take what ours have.
  private static let busyPart = 0.5
  /// A question of its own costs about as much as so many containers in the list of all.
  private static let containersPerQuestion = 16

  /// Whether it is enough to ask for its servers, as none of the other containers changes what is decided,
  /// and costs less.
  ///
  /// - Parameter serving: ids of those that are somebody's servers.
  func isEnough(_ serving: Set<String>) -> Bool {
    guard isAnswering else { return false }
    // What nobody serves from is only to be known of as a whole.
    guard !serving.isEmpty else { return true }
    guard !containers.hasTwins, let cores, let use else { return false }
    return use.cores <= Self.busyPart * cores
      && containers.count >= Self.containersPerQuestion * serving.count
      && serving.allSatisfy { containers[$0]?.isByItself ?? false }
  }
}

extension ContainerTrack {
  /// Whether all that is to be known of it is told with it.
  fileprivate var isByItself: Bool {
    flaw == nil && sharedLimit == nil && pinnedCPUs == nil && !isWholeHost
  }
}
