package import AsyncHTTPClient
package import NIOCore

/// Reads pages by GET, as carefully as cAdvisor's API is read: bounded, over one connection, without
/// redirects, with the same credentials and errors.
package struct PageClient: Sendable {
  package var endpoint: CAdvisorEndpoint { exchange.endpoint }
  private let exchange: Exchange

  package init(
    endpoint: CAdvisorEndpoint, http: HTTPClient, credentials: CAdvisorCredentials? = nil,
    replyLimit: Int
  ) {
    exchange = Exchange(
      with: endpoint, over: .client(http), credentials: credentials, replyLimit: replyLimit)
  }

  /// One of an endpoint whose name is looked up on the way.
  package init(
    endpoint: CAdvisorEndpoint, route: EndpointRoute, credentials: CAdvisorCredentials? = nil,
    replyLimit: Int
  ) {
    exchange = Exchange(
      with: endpoint, over: .route(route), credentials: credentials, replyLimit: replyLimit)
  }

  /// Reads one page; the deadline is the caller's.
  ///
  /// - Parameter path: what follows the endpoint's URL, query included.
  @concurrent
  package func read<Reader: PageReader>(
    _ path: String, accept: String, into reader: Reader
  ) async throws(CAdvisorError) -> Reader.Page {
    var request = APIRequest.get(path)
    request.accept = accept
    request.hidesQuery = true
    return try await exchange.send(request, into: PageBody(reader: reader))
  }
}

/// Takes a page as it comes in.
package protocol PageReader {
  associatedtype Page

  mutating func take(_ part: ByteBuffer) throws

  /// Bytes that it holds of what it took, about.
  var held: Int { get }

  /// - Parameter answeredAt: from the `Date` header, in nanoseconds since 1970.
  mutating func finish(answeredAt: Int64?) throws -> Page
}

private struct PageBody<Reader: PageReader>: BodyReader {
  var reader: Reader

  var held: Int { reader.held }

  mutating func take(_ part: ByteBuffer) throws(MalformedReply) {
    do { try reader.take(part) } catch { throw MalformedReply("\(error)") }
  }

  mutating func finish(answeredAt: Int64?) throws(MalformedReply) -> Reader.Page {
    do {
      return try reader.finish(answeredAt: answeredAt)
    } catch { throw MalformedReply("\(error)") }
  }
}
