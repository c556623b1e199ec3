/// What beside level utilisation makes a server's share what it is: for telling people.
package enum ShareCause: Hashable, Sendable {
  /// So many requests wait at it, and it gets less until they are worked off.
  case clearing(requests: Double)
  /// They are worked off, and it is on its way back to its share.
  case cleared
  /// Requests pile up at it, for whatever reason.
  case piling
  /// It is new, back or restarted, and gets less until it is known.
  case young
  /// It fails what its peers do not.
  case failing
}
