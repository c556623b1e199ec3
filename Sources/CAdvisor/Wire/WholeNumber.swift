/// An integer that says where it stands when it does not fit.
///
/// `JSONDecoder` gives the place of a wrong type, but not that of a number out of range.
struct WholeNumber<Value: FixedWidthInteger & Decodable>: Decodable {
  let value: Value

  init(_ value: Value) { self.value = value }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      value = try container.decode(Value.self)
    } catch let error as DecodingError {
      throw error
    } catch {
      let range = "\(Value.min) to \(Value.max)"
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not a whole number from \(range)")
    }
  }
}
