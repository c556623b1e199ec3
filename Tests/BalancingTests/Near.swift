import TestSupport

/// Whether two numbers are alike, but for rounding.
func isNear(_ left: Double, _ right: Double, _ tolerance: Double = 1e-9) -> Bool {
  abs(left - right) <= tolerance * max(abs(left), abs(right), 1e-12)
}

func isNear(_ left: [Double], _ right: [Double], _ tolerance: Double = 1e-9) -> Bool {
  left.count == right.count && zip(left, right).allSatisfy { isNear($0, $1, tolerance) }
}

/// The value, or a broken property.
func unwrap<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw Broken("there is nothing") }
  return value
}
