/// What outlasts a run of what one backend's servers taught: what their requests cost, how sure that
/// is, and by how much requests differ; and what the neighbours on their hosts do, whether they stay or
/// come and go.
///
/// Loads, samples and rates are not in it: they are stale before the next run begins.
package struct LearnedCosts: Hashable, Codable, Sendable {
  struct Server: Hashable, Codable, Sendable {
    var cost: CostLearner
    /// The container that it was learned of; another one is only believed to be like it.
    var container: ContainerMeter.Identity?
  }

  var servers: [ServerName: Server] = [:]
  var noise = RequestNoise()
  /// `nil` where nothing was seen, and in the file of a version that did not keep them.
  var neighbours: [HostName: NeighbourForecast.States]?

  package init() {}

  /// Servers that anything was learned of.
  package var count: Int { servers.values.count { $0.cost.requests > 0 } }
}
