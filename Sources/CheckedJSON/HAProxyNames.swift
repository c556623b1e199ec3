/// Which characters HAProxy allows in the names of its backends and servers.
///
/// A name becomes part of a command to HAProxy, so that a space or a `;` in one would be another
/// command.
package enum HAProxyNames {
  package static let characters = "letters, digits, and - _ . :"

  package static func allow(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", ":": true
    default: false
    }
  }
}
