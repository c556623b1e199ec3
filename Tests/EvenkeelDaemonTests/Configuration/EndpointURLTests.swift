import Testing

@testable import EvenkeelDaemon

struct EndpointURLTests {
  @Test(arguments: [
    ("http://192.168.1.31:8080", "http://192.168.1.31:8080", "192.168.1.31", 8080, ""),
    ("http://web1", "http://web1", "web1", 80, ""),
    ("HTTPS://web1///", "https://web1", "web1", 443, ""),
    ("https://web2:8443/cadvisor/", "https://web2:8443/cadvisor", "web2", 8443, "/cadvisor"),
    ("http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080", "2001:db8::1", 8080, ""),
  ])
  func `a base URL loses the slashes at its end`(
    written: String, text: String, host: String, port: Int, path: String
  ) throws {
    let url = try EndpointURL(written)
    #expect(url.text == text)
    #expect(url.host == host)
    #expect(url.port == port)
    #expect(url.path == path)
  }

  @Test(arguments: [
    ("192.168.1.31:8080", "is no URL that begins with http:// or https://"),
    ("web1:8080", "is no URL that begins with http:// or https://"),
    ("ftp://web1", "is no URL that begins with http:// or https://"),
    ("http://web 1", "is no URL that begins with http:// or https://"),
    ("http:web1", "names no host, or one with unusual characters"),
    ("http:///x", "names no host, or one with unusual characters"),
    ("http://", "names no host, or one with unusual characters"),
    ("http://a%0Ab", "names no host, or one with unusual characters"),
    ("http://root:hunter2@web1", "must not contain a user or a password"),
    ("http://root@web1", "must not contain a user or a password"),
    ("http://web1/?token=hunter2", "must end before `?` or `#`"),
    ("http://web1/#a", "must end before `?` or `#`"),
    ("http://web1:0", "has a port that does not exist"),
    ("http://web1:65536", "has a port that does not exist"),
  ])
  func `what is no base URL is refused without being quoted`(written: String, message: String) {
    let error = #expect(throws: EndpointURL.Invalid.self) { try EndpointURL(written) }
    #expect(error?.message == message)
    #expect(error?.hint.contains("hunter2") == false)
  }

  @Test(arguments: [
    ("http://WEB1:80/", "http://web1", true), ("https://web1", "https://web1:443", true),
    ("http://web1", "https://web1", false), ("http://web1/a", "http://web1/b", false),
    ("http://web1:8080", "http://web1:8081", false),
  ])
  func `two spellings of one address are the same`(
    left: String, right: String, isSame: Bool
  ) throws {
    #expect(try (EndpointURL(left).identity == EndpointURL(right).identity) == isSame)
  }
}
