internal import Glibc

/// Why the state directory cannot be used.
package enum StateError: Error, Equatable, Sendable {
  /// Another pass is at work.
  case busy(String)
  case file(String, errno: Int32)
  /// The file is torn, foreign, or of another version.
  case unusable(String, reason: String)
}

extension StateError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .busy(let path): "another `evenkeel once` is at work (it holds \(path))"
    case .file(let path, let code): "\(path): \(unsafe String(cString: strerror(code)))"
    case .unusable(let path, let reason): "\(path): \(reason)"
    }
  }
}
