/// What a cAdvisor knows of all cgroups of its machine, containers or not.
///
/// With `-docker_only` it knows no others than containers and the root, unless they are named by
/// `-raw_cgroup_prefix_whitelist`.
package struct CgroupsReply: Equatable, Sendable {
  /// The limits of each whose limits can be read, by its path without a slash at its end.
  package private(set) var specs: [String: CPUSpec] = [:]
  /// How many are named as Docker names its containers, while cAdvisor does not know them as such.
  package private(set) var namelessDockerContainers = 0
  /// How many containers there are of other runtimes, by runtime.
  package private(set) var foreignContainers: [String: Int] = [:]

  package init() {}

  mutating func add(_ wire: CgroupWire) {
    let path = CgroupPath(wire.name)
    if let limits = wire.limits { specs[path.text] = CPUSpec(limits) }
    let names = wire.aliases ?? []
    if names.isEmpty, path.isNamedByDocker { namelessDockerContainers += 1 }
    if !names.isEmpty, let namespace = wire.namespace, namespace != "docker" {
      foreignContainers[Excerpt.of(namespace), default: 0] += 1
    }
  }
}
