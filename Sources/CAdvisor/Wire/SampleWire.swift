/// A sample in every version of the API; only what is used of it.
struct SampleWire: WireValue {
  let timestampNanoseconds: Int64
  /// `nil` where there is no CPU figure: left out by later versions, empty, or said not to be there.
  let cpu: CPU?

  struct CPU: Decodable {
    let usage: Usage?
    let cfs: CFS?
    let psi: PSI?

    struct Usage: Decodable { let total: WholeNumber<UInt64>? }

    struct CFS: Decodable {
      let periods: WholeNumber<UInt64>?
      let throttled_periods: WholeNumber<UInt64>?
    }

    /// It is only shown: one of another form is none, and takes nothing else away.
    struct PSI: Decodable {
      let some: Some?

      struct Some: Decodable { let total: WholeNumber<UInt64>? }

      private enum CodingKeys: CodingKey { case some }

      init(some: Some?) { self.some = some }

      init(from decoder: any Decoder) throws {
        some = try? decoder.container(keyedBy: CodingKeys.self).decode(Some.self, forKey: .some)
      }
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

extension SampleWire {
  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var time: Int64?
    var cpu: CPU?
    var hasCPU: Bool?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("timestamp", in: bytes) {
        try time.set(try cursor.time(in: bytes))
      } else if key.matches("cpu", in: bytes) {
        try cpu.set(try CPU(&cursor, in: bytes))
      } else if key.matches("has_cpu", in: bytes) {
        try hasCPU.set(try cursor.flag(in: bytes))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    guard let time else { throw JSONCursor.Unusual() }
    timestampNanoseconds = time
    self.cpu = hasCPU ?? true ? cpu : nil
  }
}

extension SampleWire.CPU {
  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var usage: Usage?
    var cfs: CFS?
    var psi: PSI?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("usage", in: bytes) {
        var total: UInt64?
        try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
          if key.matches("total", in: bytes) {
            try total.set(try cursor.unsigned(in: bytes))
          } else {
            try cursor.skip(in: bytes)
          }
        }
        try usage.set(Usage(total: total.map(WholeNumber.init)))
      } else if key.matches("cfs", in: bytes) {
        try cfs.set(try CFS(&cursor, in: bytes))
      } else if key.matches("psi", in: bytes) {
        try psi.set(try PSI(&cursor, in: bytes))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    self.init(usage: usage, cfs: cfs, psi: psi)
  }
}

extension SampleWire.CPU.CFS {
  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var periods: UInt64?
    var throttled: UInt64?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("periods", in: bytes) {
        try periods.set(try cursor.unsigned(in: bytes))
      } else if key.matches("throttled_periods", in: bytes) {
        try throttled.set(try cursor.unsigned(in: bytes))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    self.init(
      periods: periods.map(WholeNumber.init), throttled_periods: throttled.map(WholeNumber.init))
  }
}

extension SampleWire.CPU.PSI {
  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var some: Some?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("some", in: bytes) {
        var total: UInt64?
        try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
          if key.matches("total", in: bytes) {
            try total.set(try cursor.unsigned(in: bytes))
          } else {
            try cursor.skip(in: bytes)
          }
        }
        try some.set(Some(total: total.map(WholeNumber.init)))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    self.init(some: some)
  }
}

extension Sample {
  /// `nil` for a sample without CPU.
  init?(_ wire: SampleWire) {
    guard let cpu = wire.cpu, let total = cpu.usage?.total?.value else { return nil }
    self.init(
      timestampNanoseconds: wire.timestampNanoseconds, cpuTotalNanoseconds: total,
      periods: cpu.cfs?.periods?.value, throttledPeriods: cpu.cfs?.throttled_periods?.value,
      pressureMicroseconds: cpu.psi?.some?.total?.value)
  }
}
