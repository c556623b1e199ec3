internal import CResolv
internal import Glibc

extension SystemResolver {
  private static let largestReply = 65_535
  private static let internet: CInt = 1
  private static let srv: CInt = 33
  /// As `h_errno` has them (netdb.h).
  private static let unknownHost: CInt = 1
  private static let noData: CInt = 4

  /// Blocks until there is an answer.
  ///
  /// - Returns: what the SRV records of a name lead to, as `HOST:PORT`, without repetitions.
  package static func services(of name: String) -> Result<[String], NameFailure.Reason> {
    var reply = [UInt8](repeating: 0, count: largestReply)
    let length = unsafe reply.withUnsafeMutableBufferPointer { buffer in
      unsafe res_query(name, internet, srv, buffer.baseAddress, CInt(buffer.count))
    }
    guard length > 0 else {
      switch resolver_error() {
      case unknownHost: return .failure(.unknown("there is no such name"))
      case noData: return .failure(.unknown("it has no SRV record"))
      default: return .failure(.unanswered("the name server does not answer"))
      }
    }
    guard let places = ServiceRecords.places(in: Array(reply.prefix(Int(length)))) else {
      return .failure(.unanswered("the name server's answer cannot be read"))
    }
    let texts = Set(places.map { "\($0.host):\($0.port)" })
    return .success(texts.sorted())
  }
}

extension NameResolver {
  /// Of services instead of addresses, for the whole process.
  package static let services = NameResolver(lookUp: SystemResolver.services)
}
