import Glibc

/// Reads small files that a configuration consists of or names.
package enum RegularFile {
  /// Why a file cannot be read.
  package enum Failure: Error, Hashable, Sendable {
    case absent
    case notPermitted
    case folder
    /// A pipe, a device, a socket: reading one might never end.
    case notRegular
    case larger(thanBytes: Int)
    /// What else the system says.
    case system(String)
  }

  /// Reads the whole of a file, unless it is larger than the limit.
  ///
  /// - Parameter mayBePipe: whether to wait for the end of a pipe as well, for as long as it takes.
  package static func read(
    _ path: String, limit: Int, mayBePipe: Bool = false
  ) throws(Failure) -> [UInt8] {
    // Opening a pipe that nobody writes to would wait for a writer but for O_NONBLOCK.
    let flags = O_RDONLY | O_CLOEXEC | (mayBePipe ? 0 : O_NONBLOCK)
    let descriptor = unsafe open(path, flags)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw failure(errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .folder
    case S_IFIFO where mayBePipe: break
    default: throw .notRegular
    }
    return try contents(of: descriptor, limit: limit)
  }

  /// Reads what standard input has, to its end.
  package static func readStandardInput(limit: Int) throws(Failure) -> [UInt8] {
    try contents(of: STDIN_FILENO, limit: limit)
  }

  private static func contents(of descriptor: CInt, limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(errno) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk.prefix(count))
      guard bytes.count <= limit else { throw .larger(thanBytes: limit) }
    }
  }

  private static func failure(_ number: CInt) -> Failure {
    switch number {
    case ENOENT, ENOTDIR: .absent
    case EACCES, EPERM: .notPermitted
    default: .system(unsafe String(cString: strerror(number)))
    }
  }
}

extension RegularFile.Failure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .absent: "does not exist"
    case .notPermitted: "may not be read by \(CurrentUser.description)"
    case .folder: "is a folder"
    case .notRegular: "is no regular file"
    case .larger(let limit): "is larger than \(limit) bytes"
    case .system(let words): "cannot be read: \(words)"
    }
  }
}
