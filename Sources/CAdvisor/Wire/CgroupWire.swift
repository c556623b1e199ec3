/// One cgroup of the list of all, as version 1 has it; only what is used of it.
struct CgroupWire: Decodable {
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
}
