internal import CAdvisor
internal import NIOCore

/// Takes a page that is wanted as a whole; who asks has bounded its length.
struct WholePage: PageReader {
  struct Page: Sendable {
    var bytes: [UInt8]
    /// From the answer's head, in nanoseconds since 1970.
    var answeredAt: Int64?
  }

  private var bytes: [UInt8] = []

  var held: Int { bytes.count }

  mutating func take(_ part: ByteBuffer) { bytes += part.readableBytesView }

  func finish(answeredAt: Int64?) -> Page { Page(bytes: bytes, answeredAt: answeredAt) }
}
