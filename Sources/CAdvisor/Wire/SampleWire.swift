/// A sample in every version of the API; only what is used of it.
struct SampleWire: Decodable {
  let timestampNanoseconds: Int64
  /// Absent where later versions of cAdvisor are told not to read it.
  let cpu: CPU?

  struct CPU: Decodable {
    let usage: Usage
    let cfs: CFS?

    struct Usage: Decodable { let total: WholeNumber<UInt64> }

    struct CFS: Decodable {
      let periods: WholeNumber<UInt64>?
      let throttled_periods: WholeNumber<UInt64>?
    }
  }

  private enum CodingKeys: CodingKey { case timestamp, cpu }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let text = try fields.decode(String.self, forKey: .timestamp)
    guard let time = RFC3339.nanoseconds(text) else {
      throw DecodingError.dataCorruptedError(
        forKey: .timestamp, in: fields, debugDescription: "no usable RFC 3339 time: \(text)")
    }
    timestampNanoseconds = time
    cpu = try fields.decodeIfPresent(CPU.self, forKey: .cpu)
  }
}

extension Sample {
  /// `nil` for a sample without CPU.
  init?(_ wire: SampleWire) {
    guard let cpu = wire.cpu else { return nil }
    self.init(
      timestampNanoseconds: wire.timestampNanoseconds, cpuTotalNanoseconds: cpu.usage.total.value,
      periods: cpu.cfs?.periods?.value, throttledPeriods: cpu.cfs?.throttled_periods?.value)
  }
}
