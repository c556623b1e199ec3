/// A CA file that gives no certificates.
public struct CAFileError: Error, Hashable, Sendable {
  /// What is wrong with it.
  public enum Problem: Hashable, Sendable {
    /// Absent, a folder, or closed to this user.
    case notReadable
    /// Read, but without a whole certificate in PEM form.
    case noCertificate
  }

  /// What is wrong with it.
  public let problem: Problem
  /// The file.
  public let path: String
}

extension CAFileError: CustomStringConvertible {
  /// One sentence: the file, what is wrong, what to change.
  public var description: String {
    switch problem {
    case .notReadable:
      "\(path): the CA file is not readable; check that it exists and that this user may read it"
    case .noCertificate:
      """
      \(path): the CA file has no certificate in it, or a damaged one; it must be PEM \
      (-----BEGIN CERTIFICATE-----)
      """
    }
  }
}
