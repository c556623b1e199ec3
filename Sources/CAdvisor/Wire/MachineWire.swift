/// The machine in every version of the API; only what is used of it.
struct MachineWire: Decodable {
  let num_cores: WholeNumber<Int>
  let boot_id: String?
}

extension MachineInfo {
  /// `nil` for a machine without cores.
  init?(_ wire: MachineWire) {
    guard wire.num_cores.value >= 1 else { return nil }
    self.init(cores: wire.num_cores.value, bootID: wire.boot_id.flatMap { $0.isEmpty ? nil : $0 })
  }
}
