package import NIOCore

/// What came back with a 2xx, whole.
package struct Reply: Sendable {
  package var body: ByteBuffer
  /// From the `Date` header, in nanoseconds since 1970.
  package var answeredAtNanoseconds: Int64?

  package init(body: ByteBuffer, answeredAtNanoseconds: Int64? = nil) {
    self.body = body
    self.answeredAtNanoseconds = answeredAtNanoseconds
  }
}
