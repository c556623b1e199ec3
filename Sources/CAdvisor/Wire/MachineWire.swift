/// The machine in every version of the API; only what is used of it.
struct MachineWire: Decodable {
  /// `nil` when it is no number that fits.
  let num_cores: Int?
  let boot_id: String?
  let machine_id: String?
  let system_uuid: String?

  private enum CodingKeys: CodingKey { case num_cores, boot_id, machine_id, system_uuid }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let cores = try fields.decodeIfPresent(Attempt<WholeNumber<Int>>.self, forKey: .num_cores)
    num_cores = try? cores?.result.get().value
    boot_id = try fields.decodeIfPresent(String.self, forKey: .boot_id)
    machine_id = try fields.decodeIfPresent(String.self, forKey: .machine_id)
    system_uuid = try fields.decodeIfPresent(String.self, forKey: .system_uuid)
    // Else any JSON object at all would pass for a machine.
    guard cores != nil || boot_id != nil || machine_id != nil || system_uuid != nil else {
      throw DecodingError.keyNotFound(
        CodingKeys.num_cores, .init(codingPath: fields.codingPath, debugDescription: ""))
    }
  }
}

extension MachineInfo {
  /// Linux itself has no more.
  private static let plausibleCores = 1...65_536

  init(_ wire: MachineWire) {
    func known(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
    self.init(
      cores: wire.num_cores.flatMap { Self.plausibleCores.contains($0) ? $0 : nil },
      bootID: known(wire.boot_id), machineID: known(wire.machine_id),
      systemUUID: known(wire.system_uuid))
  }
}
