import CAdvisor
import NIOCore
import TestSupport

extension FuzzTarget {
  private static let tokens = [
    "\"stats\":", "\"timestamp\":", "\"2026-02-30T25:61:61.9999999999Z\"",
    "\"9999-12-31T23:59:59.999999999+23:59\"", "\"0000-01-01T00:00:00Z\"", "\"cpu\":", "\"total\":",
    "\"quota\":-1", "\"period\":0", "\"mask\":\"0-4294967295,1\"", "\"num_cores\":", "\"/docker/\"",
    "\"aliases\":", "\"has_cpu\":true",
  ]

  static func cadvisorContainers() throws -> FuzzTarget {
    let files = [
      "v2.1-stats-docker-lean-count2.json", "v2.1-stats-docker-one-count2.json",
      "v1.3-docker-one-num2.json", "v1.3-docker-num0.json",
    ]
    return try target("cadvisor-containers", files) { reply in
      for version in APIVersion.allCases {
        let answer = try ReplyDecoder.containers(reply, version)
        try require(
          answer.malformed.values.allSatisfy { $0.utf8.count <= 2_000 },
          "a part is refused with too many words")
      }
    }
  }

  static func cadvisorHost() throws -> FuzzTarget {
    let files = ["v2.1-machinestats-count2.json", "v1.3-containers-root-num2.json"]
    return try target("cadvisor-host", files) { reply in
      for version in APIVersion.allCases { _ = try ReplyDecoder.host(reply, version) }
    }
  }

  static func cadvisorSpecs() throws -> FuzzTarget {
    let files = ["v2.1-spec-docker.json", "v2.1-spec-one.json", "v1.3-docker-num0.json"]
    return try target("cadvisor-specs", files) { reply in
      for spec in try ReplyDecoder.specs(reply).specs.values {
        guard let limit = spec.coreLimit(machineCores: 64) else { continue }
        try require((0..<64).contains(limit), "a limit of \(limit) cores of 64")
      }
    }
  }

  static func cadvisorCgroups() throws -> FuzzTarget {
    try target("cadvisor-cgroups", ["v1.3-subcontainers-root-num0.json"]) { reply in
      for path in try ReplyDecoder.cgroups(reply).specs.keys {
        try require(path.hasPrefix("/"), "\(path) is no path")
      }
    }
  }

  static func cadvisorMachine() throws -> FuzzTarget {
    try target("cadvisor-machine", ["v1.3-machine.json", "v2.1-machine.json"]) { reply in
      let machine = try ReplyDecoder.machine(reply)
      let cores = machine.cores ?? 1
      try require(cores > 0, "\(cores) cores")
    }
  }

  /// - Parameter decode: what it throws of the decoder's own is a refusal.
  private static func target(
    _ name: String, _ files: [String], decode: @escaping @Sendable (Reply) throws -> Void
  ) throws -> FuzzTarget {
    let corpus = try Corpus.cadvisor(files) + Corpus.written(for: "cadvisor")
    return FuzzTarget(name, corpus: corpus, tokens: tokens) { bytes in
      do {
        try decode(Reply(body: ByteBuffer(bytes: bytes)))
      } catch let refusal as MalformedReply {
        try require(!refusal.detail.isEmpty, "refused without a word")
        try require(refusal.detail.utf8.count <= 2_000, "refused with too many words")
      }
    }
  }
}
