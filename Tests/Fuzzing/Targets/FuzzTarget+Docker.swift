import DockerEngine
import TestSupport

extension FuzzTarget {
  static func dockerReplies() throws -> FuzzTarget {
    let corpus = try [
      "docker-20.10.24/list.json", "docker-20.10.24/inspect.json", "docker-20.10.24/stats.json",
      "podman-4.3.1/list.json", "podman-4.3.1/stats.json",
    ].map { try Corpus.file("Tests/DockerEngineTests/Replies/\($0)") }
    let tokens = [
      "\"Id\":", "\"Names\":[\"/\"]", "\"NanoCpus\":9223372036854775807", "\"CpuQuota\":-1",
      "\"total_usage\":18446744073709551615", "\"online_cpus\":-1", "\"CpusetCpus\":\"0-99999\"",
    ]
    return FuzzTarget("docker-replies", corpus: corpus, tokens: tokens) { bytes in
      do {
        for container in (try? DockerReply.list(bytes))?.containers ?? [] {
          try require(
            !container.id.isEmpty && !container.name.isEmpty, "a container without a name")
        }
        if let limits = try? DockerReply.limits(bytes), let quota = limits.quotaMicroseconds {
          try require(quota > 0, "a quota of \(quota)")
        }
        let use = try DockerReply.use(bytes)
        try require(use?.onlineCores ?? 1 > 0, "no cores")
      } catch let refusal as MalformedDockerReply {
        try require(
          (1...2_000).contains(refusal.detail.utf8.count), "refused without a fit word")
      }
    }
  }
}
