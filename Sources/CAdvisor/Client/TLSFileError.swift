import FoundationEssentials

/// A file for TLS that is of no use.
public struct TLSFileError: Error, Hashable, Sendable {
  /// What the file is for.
  public enum Role: String, Hashable, Sendable {
    /// The authorities that are trusted.
    case authority = "CA file"
    /// The client's certificate.
    case certificate = "client certificate file"
    /// Its key.
    case key = "client key file"
  }

  /// What is wrong with it. More cases may come: keep a `default`.
  #if hasAttribute(nonexhaustive)
    @nonexhaustive
  #endif
  public enum Problem: Hashable, Sendable {
    /// Absent, a folder, or closed to this user.
    case notReadable
    /// Read, but without what it is for, in PEM form.
    case unusable
    /// The key of another certificate.
    case notOfCertificate
  }

  /// What the file is for.
  public let role: Role
  /// What is wrong with it.
  public let problem: Problem
  /// The file.
  public let path: String

  static func bytes(of path: String, as role: Role) throws(TLSFileError) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw TLSFileError(role: role, problem: .notReadable, path: path)
    }
  }
}

extension TLSFileError: CustomStringConvertible {
  /// One sentence: the file, what is wrong, what to change. Nothing of what is in the file.
  public var description: String {
    "\(path): the \(role.rawValue) \(sentence)"
  }

  private var sentence: String {
    switch (problem, role) {
    case (.notReadable, _): "is not readable; check that it exists and that this user may read it"
    case (.unusable, .key):
      """
      has no private key in it, a damaged one, or one with a passphrase; it must be PEM \
      (-----BEGIN PRIVATE KEY-----)
      """
    case (.unusable, _):
      """
      has no certificate in it, or a damaged one; it must be PEM (-----BEGIN CERTIFICATE-----)
      """
    case (.notOfCertificate, _): "has the key of another certificate"
    }
  }
}
