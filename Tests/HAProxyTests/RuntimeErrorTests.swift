import Glibc
import HAProxy
import Testing

@Suite struct RuntimeErrorTests {
  private static let address = RuntimeAddress.unix(path: "/run/haproxy/admin.sock")

  @Test func `an address is written as in a configuration`() {
    #expect(Self.address.description == "unix:/run/haproxy/admin.sock")
    #expect(RuntimeAddress.tcp(host: "192.0.2.1", port: 9).description == "tcp:192.0.2.1:9")
    #expect(RuntimeAddress.tcp(host: "2001:db8::1", port: 9).description == "tcp:[2001:db8::1]:9")
  }

  @Test(arguments: [
    (ENOENT, RuntimeError.Kind.notFound), (ECONNREFUSED, .connectionRefused),
    (EACCES, .permissionDenied), (EAGAIN, .backlogFull), (ECONNRESET, .endedEarly),
    (EPIPE, .endedEarly), (ETIMEDOUT, .timedOut), (EIO, .other),
  ])
  func `a failed system call has a kind`(code: CInt, kind: RuntimeError.Kind) {
    #expect(RuntimeError.Kind(errno: code) == kind)
  }

  @Test(arguments: RuntimeError.Kind.allCases)
  func `every error says where it was, at which command and what lies beneath`(
    kind: RuntimeError.Kind
  ) {
    let error = RuntimeError(kind, at: Self.address, command: "show info", underlying: "cause")
    #expect(error.description.hasPrefix("unix:/run/haproxy/admin.sock: `show info`: "))
    #expect(error.description.hasSuffix(" (cause)"))
  }

  @Test(arguments: [
    (RuntimeError.Kind.notFound, "check the path"), (.connectionRefused, "check that HAProxy runs"),
    (.permissionDenied, "group"), (.masterSocket, "`stats socket … level admin` instead"),
    (.backlogFull, "stats maxconn"), (.multipleProcesses, "nbproc"),
  ])
  func `an error says what to change`(kind: RuntimeError.Kind, hint: String) {
    #expect(RuntimeError(kind, at: Self.address).description.contains(hint))
  }
}
