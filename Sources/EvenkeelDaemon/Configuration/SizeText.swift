/// A count of bytes as the configuration writes it: a whole number and one unit, such as `64MiB`.
struct SizeText: Hashable, Sendable {
  /// How to write one, for an error's hint.
  static let form = "a whole number and KiB, MiB or GiB, such as \"64MiB\""

  let bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  /// - Returns: `nil` when the text has another form, or is too large to be counted.
  init?(parsing text: String) {
    let number = text.prefix { $0.isASCII && $0.isNumber }
    guard let unit = Self.units.first(where: { $0.name == text.dropFirst(number.count) }),
      let count = Int(number)
    else { return nil }
    let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: unit.bytes)
    guard !isTooLarge else { return nil }
    self.bytes = bytes
  }

  /// The largest first: what a size is printed in is the first unit that leaves no rest.
  private static let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
    .map { (name: $0.0, bytes: $0.1) }
}

extension SizeText: CustomStringConvertible {
  var description: String {
    for unit in Self.units where bytes != 0 && bytes.isMultiple(of: unit.bytes) {
      return "\(bytes / unit.bytes)\(unit.name)"
    }
    return "\(bytes) bytes"
  }
}
