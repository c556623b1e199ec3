import Names
import TestSupport

extension FuzzTarget {
  /// Two SRV records of one name, the second by a pointer.
  private static let services: [UInt8] =
    [0, 1, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0] + [4] + Array("_tcp".utf8) + [2]
    + Array("ab".utf8) + [0, 0, 33, 0, 1]
    + [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 11, 0, 1, 0, 1, 0x1F, 0x90, 3] + Array("web".utf8)
    + [0] + [0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 8, 0, 1, 0, 1, 0, 80, 0xC0, 17]

  static func serviceRecords() throws -> FuzzTarget {
    FuzzTarget("service-records", corpus: [services], tokens: ["\u{0}", "\u{1}", "?"]) { bytes in
      for place in ServiceRecords.places(in: bytes) ?? [] {
        try require((1...65_535).contains(place.port), "a port of \(place.port)")
        try require(!place.host.isEmpty, "a host without a name")
      }
    }
  }
}
