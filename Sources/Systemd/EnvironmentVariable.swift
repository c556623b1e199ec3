internal import Glibc

/// The value of a variable of this process's environment, `nil` when it is not set.
func environmentVariable(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe String(cString: value)
}
