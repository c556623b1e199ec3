/// A number with a fixed count of decimals, rounded half away from zero.
///
/// - Returns: `–` for a number that is not finite, or has more digits than fit.
func fixed(_ number: Double, decimals: Int) -> String {
  let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
  guard let scaled = Int(exactly: (number * Double(scale)).rounded()) else { return "–" }
  let (whole, fraction) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt(scale))
  let sign = scaled < 0 ? "-" : ""
  guard decimals > 0 else { return "\(sign)\(whole)" }
  let digits = String(fraction)
  return "\(sign)\(whole).\(String(repeating: "0", count: decimals - digits.count))\(digits)"
}

/// A latency in whole milliseconds, in seconds from ten of them on.
func brief(_ duration: Duration) -> String {
  duration < .seconds(10)
    ? "\(fixed(duration / .milliseconds(1), decimals: 0)) ms"
    : "\(fixed(duration / .seconds(1), decimals: 1)) s"
}
