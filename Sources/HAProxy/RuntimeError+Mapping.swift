import Glibc
import NIOCore
import NIOPosix
import Names

extension RuntimeError {
  /// Tells what an error of the transport means for whoever runs HAProxy.
  init(mapping error: any Error, at address: RuntimeAddress, command: String? = nil) {
    switch error {
    case let error as RuntimeError:
      self = error
    case let error as NameFailure:
      self.init(
        .nameNotResolved, at: address, command: command, underlying: "\(error.reason)")
    case is CancellationError:
      self.init(.cancelled, at: address, command: command)
    case let error as IOError:
      self.init(
        Kind(errno: error.errnoCode), at: address, command: command,
        underlying: unsafe String(cString: strerror(error.errnoCode)))
    case ChannelError.connectTimeout(let amount):
      self.init(
        .timedOut, at: address, command: command,
        underlying: "after \(amount.nanoseconds / 1_000_000) ms")
    case SocketAddressError.unixDomainSocketPathTooLong:
      self.init(
        .other, at: address, command: command,
        underlying: "the path is longer than a unix socket's can be, 107 bytes")
    default:
      self.init(.other, at: address, command: command, underlying: "\(error)")
    }
  }
}

extension RuntimeError.Kind {
  /// What a failed system call on the socket means.
  ///
  /// A unix socket whose queue is full answers a non-blocking `connect` with EAGAIN.
  package init(errno code: CInt) {
    self =
      switch code {
      case ENOENT, ENOTDIR: .notFound
      case ECONNREFUSED: .connectionRefused
      case EACCES, EPERM: .permissionDenied
      case EAGAIN: .backlogFull
      case ECONNRESET, EPIPE: .endedEarly
      case ETIMEDOUT: .timedOut
      default: .other
      }
  }
}
