internal import Glibc
internal import NIOCore

/// What the system refused, by its own words: NIO's name the call too, and close a parenthesis that
/// they never opened.
package enum SystemMessage {
  package static func of(_ error: any Error) -> String {
    guard let failure = error as? IOError else { return "\(error)" }
    return unsafe String(cString: strerror(failure.errnoCode))
  }
}

extension IOError {
  /// Whether the system keeps us out.
  var isOfPermission: Bool { errnoCode == EACCES || errnoCode == EPERM }
}
