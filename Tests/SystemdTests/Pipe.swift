import Glibc
import Testing

/// A pipe whose writing end stands for standard error.
final class Pipe {
  let readEnd: Int32
  let writeEnd: Int32

  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// Runs `body` with this pipe as the process's standard error: only in an exit test.
  func asStandardError(_ body: () throws -> Void) rethrows {
    let saved = dup(STDERR_FILENO)
    dup2(writeEnd, STDERR_FILENO)
    defer {
      dup2(saved, STDERR_FILENO)
      close(saved)
    }
    try body()
  }

  /// What was written until now, as one read(2) finds it; it waits for a first byte.
  func read() -> String {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe Glibc.read(readEnd, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}
