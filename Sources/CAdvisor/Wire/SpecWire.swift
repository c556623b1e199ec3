/// The part of a container that does not move.
struct SpecWire: WireValue {
  let aliases: [String]?
  let namespace: String?
  let labels: [String: String]?
  /// `false` where cAdvisor finds no CPU controller of it.
  let has_cpu: Bool?

  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var aliases: [String]?
    var namespace: String?
    var labels: [String: String]?
    var hasCPU: Bool?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("has_cpu", in: bytes) {
        try hasCPU.set(try cursor.flag(in: bytes))
      } else if key.matches("aliases", in: bytes) {
        try aliases.set(try cursor.texts(in: bytes))
      } else if key.matches("namespace", in: bytes) {
        try namespace.set(try cursor.text(in: bytes))
      } else if key.matches("labels", in: bytes) {
        try labels.set(try cursor.textByKey(in: bytes))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    (self.aliases, self.namespace, self.labels) = (aliases, namespace, labels)
    has_cpu = hasCPU
  }
}

/// A container or any other cgroup of version 1 for the sake of its limits, which need not decode
/// for its samples.
struct LimitsWire: WireValue {
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
    if let mask = cpu.mask, !mask.isEmpty, !CPUMask.isList(mask) {
      throw DecodingError.dataCorruptedError(
        forKey: .cpu, in: spec, debugDescription: "no list of CPUs: \(mask)")
    }
  }
}

extension LimitsWire {
  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var limits: LimitsWire?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("spec", in: bytes) {
        try limits.set(try LimitsWire(spec: &cursor, in: bytes))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    guard let limits else { throw JSONCursor.Unusual() }
    self = limits
  }

  /// From the spec alone.
  init(spec cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var hasCPU: Bool?
    var cpu: CPU?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("has_cpu", in: bytes) {
        try hasCPU.set(try cursor.flag(in: bytes))
      } else if key.matches("cpu", in: bytes) {
        try cpu.set(try CPU(&cursor, in: bytes))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    guard hasCPU ?? true, let cpu else { throw JSONCursor.Unusual() }
    if let mask = cpu.mask, !mask.isEmpty, !CPUMask.isList(mask) { throw JSONCursor.Unusual() }
    self.cpu = cpu
  }
}

extension LimitsWire.CPU {
  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var quota: Int64?
    var period: Int64?
    var mask: String?
    var limit: Int64?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("quota", in: bytes) {
        try quota.set(try cursor.signed(in: bytes))
      } else if key.matches("period", in: bytes) {
        try period.set(try cursor.signed(in: bytes))
      } else if key.matches("mask", in: bytes) {
        try mask.set(try cursor.text(in: bytes))
      } else if key.matches("limit", in: bytes) {
        try limit.set(try cursor.signed(in: bytes))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    self.init(
      quota: quota.map(WholeNumber.init), period: period.map(WholeNumber.init), mask: mask,
      limit: limit.map(WholeNumber.init))
  }
}

extension CPUSpec {
  init(_ wire: LimitsWire) {
    self.init(
      quotaMicroseconds: wire.cpu.quota?.value, periodMicroseconds: wire.cpu.period?.value,
      mask: wire.cpu.mask.flatMap { $0.isEmpty ? nil : $0 }, shares: wire.cpu.limit?.value)
  }
}
