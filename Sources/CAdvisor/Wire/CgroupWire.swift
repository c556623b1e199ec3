/// One cgroup of the list of all, as version 1 has it; only what is used of it.
struct CgroupWire: WireValue {
  let name: String
  let aliases: [String]?
  let namespace: String?
  /// `nil` where no limits can be read.
  let limits: LimitsWire?

  private enum CodingKeys: CodingKey { case name, aliases, namespace }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    name = try fields.decode(String.self, forKey: .name)
    aliases = try fields.decodeIfPresent([String].self, forKey: .aliases)
    namespace = try fields.decodeIfPresent(String.self, forKey: .namespace)
    limits = try? LimitsWire(from: decoder)
  }

  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual) {
    var name: String?
    var aliases: [String]?
    var namespace: String?
    var limits: LimitsWire?
    try cursor.object(in: bytes) { cursor, key throws(JSONCursor.Unusual) in
      if key.matches("name", in: bytes) {
        try name.set(try cursor.text(in: bytes))
      } else if key.matches("aliases", in: bytes) {
        try aliases.set(try cursor.texts(in: bytes))
      } else if key.matches("namespace", in: bytes) {
        try namespace.set(try cursor.text(in: bytes))
      } else if key.matches("spec", in: bytes) {
        try limits.set(try LimitsWire(spec: &cursor, in: bytes))
      } else {
        try cursor.skip(in: bytes)
      }
    }
    guard let name, let limits else { throw JSONCursor.Unusual() }
    (self.name, self.aliases, self.namespace, self.limits) = (name, aliases, namespace, limits)
  }
}
