import Testing

@testable import EvenkeelDaemon

struct BalancerAddressTests {
  typealias Address = BalancerConfiguration.Address

  @Test(
    arguments: [
      ("unix:/run/haproxy/admin.sock", .unix(path: "/run/haproxy/admin.sock")),
      ("unix:/a b:c", .unix(path: "/a b:c")),
      ("tcp:192.168.1.2:9999", .tcp(host: "192.168.1.2", port: 9999)),
      ("tcp:lb2.example:1", .tcp(host: "lb2.example", port: 1)),
      ("tcp:[::1]:65535", .tcp(host: "::1", port: 65_535)),
    ] as [(String, Address)])
  func `an address is read and prints as it was written`(text: String, address: Address) throws {
    #expect(try Address(parsing: text) == address)
    #expect(address.description == text)
  }

  @Test(arguments: [
    (
      "/run/haproxy.sock", "`/run/haproxy.sock` begins neither with unix: nor with tcp:",
      "write `unix:/run/haproxy.sock`"
    ),
    (
      "localhost:9999", "`localhost:9999` begins neither with unix: nor with tcp:",
      "allowed: unix:/PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT"
    ),
    ("unix:run/x", "`run/x` is no absolute path", "allowed: a path that begins with /"),
    ("unix:", "`` is no absolute path", "allowed: a path that begins with /"),
    (
      "tcp:lb2", "`lb2` has no port", "allowed: unix:/PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT"
    ),
    ("tcp:lb2:", "`` is no port", "allowed: 1…65535 after the last `:`"),
    ("tcp:lb2:0", "`0` is no port", "allowed: 1…65535 after the last `:`"),
    ("tcp:lb2:65536", "`65536` is no port", "allowed: 1…65535 after the last `:`"),
    ("tcp:lb2:+80", "`+80` is no port", "allowed: 1…65535 after the last `:`"),
    (
      "tcp:lb2:99999999999999999999", "`99999999999999999999` is no port",
      "allowed: 1…65535 after the last `:`"
    ),
    (
      "tcp:::1:9999", "`::1:9999` must have brackets around an IPv6 address only",
      "allowed: unix:/PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT"
    ),
    (
      "tcp:[lb2]:9999", "`[lb2]:9999` must have brackets around an IPv6 address only",
      "allowed: unix:/PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT"
    ),
    (
      "tcp://lb2:9999", "`//lb2` is no host",
      "allowed: unix:/PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT"
    ),
    ("tcp::9999", "`` is no host", "allowed: unix:/PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT"),
  ])
  func `what is no address is refused`(text: String, message: String, hint: String) {
    #expect(throws: Address.Invalid(message: message, hint: hint)) { try Address(parsing: text) }
  }

  @Test func `a socket's path may have 107 bytes`() throws {
    let longest = "/" + String(repeating: "é", count: 53)
    #expect(try Address(parsing: "unix:" + longest) == .unix(path: longest))
    let error = Address.Invalid(
      message: "has a path of 108 bytes, too long for a socket", hint: "allowed: up to 107 bytes")
    #expect(throws: error) { try Address(parsing: "unix:\(longest)x") }
  }
}
