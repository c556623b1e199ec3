import FoundationEssentials
import NIOSSL

/// A certificate that shows a server who asks, for a proxy that wants to know.
public struct ClientCertificate: Hashable, Sendable {
  /// PEM file with the certificate, and with those between it and the authority where there are any.
  public let certificateFile: String
  /// PEM file with its key, without a passphrase.
  public let keyFile: String

  /// Names the files; they are read when a client is set up.
  public init(certificateFile: String, keyFile: String) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }

  /// Reads both files, and holds them against each other.
  func load() throws(TLSFileError) -> (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey) {
    let chain = try NIOSSLCertificate.read(certificateFile, as: .certificate)
    let bytes = try TLSFileError.bytes(of: keyFile, as: .key)
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      throw TLSFileError(role: .key, problem: .unusable, path: keyFile)
    }
    var configuration = TLSConfiguration.cautious
    configuration.trustRoots = .certificates([])
    configuration.certificateChain = chain.map { .certificate($0) }
    configuration.privateKey = .privateKey(key)
    // It is here that a key of another certificate shows.
    guard (try? NIOSSLContext(configuration: configuration)) != nil else {
      throw TLSFileError(role: .key, problem: .notOfCertificate, path: keyFile)
    }
    return (chain, key)
  }
}

extension NIOSSLCertificate {
  static func read(
    _ path: String, as role: TLSFileError.Role
  ) throws(TLSFileError) -> [NIOSSLCertificate] {
    let bytes = try TLSFileError.bytes(of: path, as: role)
    guard !bytes.isEmpty, let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty
    else {
      throw TLSFileError(role: role, problem: .unusable, path: path)
    }
    return found
  }
}
