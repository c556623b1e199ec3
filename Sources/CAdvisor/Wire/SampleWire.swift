/// A sample in every version of the API; only what is used of it.
struct SampleWire: Decodable {
  let timestampNanoseconds: Int64
  /// `nil` where there is no CPU figure: left out by later versions, empty, or said not to be there.
  let cpu: CPU?

  struct CPU: Decodable {
    let usage: Usage?
    let cfs: CFS?

    struct Usage: Decodable { let total: WholeNumber<UInt64>? }

    struct CFS: Decodable {
      let periods: WholeNumber<UInt64>?
      let throttled_periods: WholeNumber<UInt64>?
    }
  }

  private enum CodingKeys: CodingKey { case timestamp, cpu, has_cpu }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let text = try fields.decode(String.self, forKey: .timestamp)
    guard let time = RFC3339.nanoseconds(text) else {
      throw DecodingError.dataCorruptedError(
        forKey: .timestamp, in: fields, debugDescription: "no usable RFC 3339 time: \(text)")
    }
    timestampNanoseconds = time
    let hasCPU = try fields.decodeIfPresent(Bool.self, forKey: .has_cpu) ?? true
    cpu = hasCPU ? try fields.decodeIfPresent(CPU.self, forKey: .cpu) : nil
  }
}

extension Sample {
  /// `nil` for a sample without CPU.
  init?(_ wire: SampleWire) {
    guard let cpu = wire.cpu, let total = cpu.usage?.total?.value else { return nil }
    self.init(
      timestampNanoseconds: wire.timestampNanoseconds, cpuTotalNanoseconds: total,
      periods: cpu.cfs?.periods?.value, throttledPeriods: cpu.cfs?.throttled_periods?.value)
  }
}
