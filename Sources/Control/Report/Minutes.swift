/// A time in minutes, or in seconds where it is short.
func minutes(_ seconds: Double) -> String {
  seconds < 120 ? "\(decimal(seconds, 0)) s" : "\(decimal(seconds / 60, 0)) min"
}
