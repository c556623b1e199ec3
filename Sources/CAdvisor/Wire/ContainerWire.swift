/// A container in either shape: version 1 keeps its names beside the spec, version 2 in it.
///
/// Names, namespace and labels are left out, not null, for raw cgroups; `stats` is left out when
/// there are none.
struct ContainerWire: Decodable {
  let aliases: [String]?
  let namespace: String?
  let spec: SpecWire?
  let stats: [SampleWire]?

  var samples: [Sample] {
    (stats ?? []).compactMap(Sample.init).sorted {
      $0.timestampNanoseconds < $1.timestampNanoseconds
    }
  }
}

extension ContainerInfo {
  init(id: String, _ wire: ContainerWire) {
    self.init(
      id: id, aliases: wire.aliases ?? wire.spec?.aliases ?? [],
      namespace: wire.namespace ?? wire.spec?.namespace, labels: wire.spec?.labels ?? [:],
      samples: wire.samples)
  }
}
