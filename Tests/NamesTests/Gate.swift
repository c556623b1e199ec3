import Glibc

/// Blocks whoever comes to it until it is opened.
final class Gate: Sendable {
  private let ends: (read: CInt, write: CInt)

  init() {
    var pipeEnds: [CInt] = [-1, -1]
    _ = unsafe pipe(&pipeEnds)
    ends = (pipeEnds[0], pipeEnds[1])
  }

  deinit {
    close(ends.read)
    close(ends.write)
  }

  func pass() {
    var byte: UInt8 = 0
    guard unsafe read(ends.read, &byte, 1) == 1 else { return }
    // The next in line comes through as well.
    open()
  }

  func open() {
    var byte: UInt8 = 1
    _ = unsafe write(ends.write, &byte, 1)
  }
}
