/// A number with a fixed count of decimals, as people read it.
///
/// - Parameter decimals: 0…6.
/// - Returns: `–` for what is not a finite number.
package func decimal(_ value: Double, _ decimals: Int) -> String {
  let places = min(max(decimals, 0), 6)
  var scale = 1
  for _ in 0..<places { scale *= 10 }
  guard let scaled = Int(exactly: (value * Double(scale)).rounded()) else { return "–" }
  let (whole, part) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt(scale))
  let sign = scaled < 0 ? "-" : ""
  guard places > 0 else { return "\(sign)\(whole)" }
  let digits = String(part)
  return "\(sign)\(whole).\(String(repeating: "0", count: places - digits.count))\(digits)"
}
