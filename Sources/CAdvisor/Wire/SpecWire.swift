/// The part of a container that does not move.
struct SpecWire: Decodable {
  let aliases: [String]?
  let namespace: String?
  let labels: [String: String]?
  /// `false` where cAdvisor finds no CPU controller of it.
  let has_cpu: Bool?
}

/// A container or any other cgroup of version 1 for the sake of its limits, which need not decode
/// for its samples.
struct LimitsWire: Decodable {
  let cpu: CPU

  /// Version 1 leaves a key out where its value is nothing; `limit` is CPU shares, not a limit.
  struct CPU: Decodable {
    let quota: WholeNumber<Int64>?
    let period: WholeNumber<Int64>?
    let mask: String?
    let limit: WholeNumber<Int64>?
  }

  private enum CodingKeys: CodingKey { case spec }
  private enum SpecKeys: CodingKey { case has_cpu, cpu }

  init(from decoder: any Decoder) throws {
    let spec = try decoder.container(keyedBy: CodingKeys.self)
      .nestedContainer(keyedBy: SpecKeys.self, forKey: .spec)
    guard try spec.decodeIfPresent(Bool.self, forKey: .has_cpu) ?? true else {
      throw DecodingError.dataCorruptedError(
        forKey: .has_cpu, in: spec, debugDescription: "cAdvisor finds no CPU controller of it")
    }
    cpu = try spec.decode(CPU.self, forKey: .cpu)
    if let mask = cpu.mask, !mask.isEmpty, CPUMask(mask) == nil {
      throw DecodingError.dataCorruptedError(
        forKey: .cpu, in: spec, debugDescription: "no list of CPUs: \(mask)")
    }
  }
}

extension CPUSpec {
  init(_ wire: LimitsWire) {
    self.init(
      quotaMicroseconds: wire.cpu.quota?.value, periodMicroseconds: wire.cpu.period?.value,
      mask: wire.cpu.mask.flatMap { $0.isEmpty ? nil : $0 }, shares: wire.cpu.limit?.value)
  }
}
