import Balancing

/// A moment so many seconds after the beginning.
func at(_ seconds: Double) -> Timestamp {
  Timestamp(nanoseconds: 0).advanced(bySeconds: seconds)
}
