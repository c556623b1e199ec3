import NIOCore

/// What came back with a 2xx, whole.
struct Reply {
  var body: ByteBuffer
  /// From the `Date` header, in nanoseconds since 1970.
  var answeredAtNanoseconds: Int64?
}
