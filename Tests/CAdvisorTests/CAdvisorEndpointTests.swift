import CAdvisor
import Testing

struct CAdvisorEndpointTests {
  static let good: [(text: String, url: String, host: String)] = [
    ("http://192.168.1.31:8080", "http://192.168.1.31:8080", "192.168.1.31"),
    ("http://web1:8080/", "http://web1:8080", "web1"),
    ("http://web1:8080///", "http://web1:8080", "web1"),
    ("http://web1", "http://web1", "web1"),
    ("HTTPS://web1.example/cad/", "https://web1.example/cad", "web1.example"),
    ("https://web1.example:8443/a/b%20c", "https://web1.example:8443/a/b%20c", "web1.example"),
    ("http://[::1]:8080/", "http://[::1]:8080", "::1"),
  ]

  @Test(arguments: good)
  func `a base URL keeps its port and path and loses the slashes at its end`(
    _ good: (text: String, url: String, host: String)
  ) throws {
    let endpoint = try CAdvisorEndpoint(url: good.text)
    #expect(endpoint.url == good.url)
    #expect(endpoint.host == good.host)
    #expect("\(endpoint)" == good.url)
  }

  @Test func `a slash at the end makes no other endpoint`() throws {
    #expect(
      try CAdvisorEndpoint(url: "http://a:8080/cad/") == CAdvisorEndpoint(url: "http://a:8080/cad"))
  }

  static let bad: [(text: String, problem: CAdvisorURLError.Problem)] = [
    ("", .scheme), ("web1:8080", .scheme), ("web1", .scheme), ("//web1", .scheme),
    ("ftp://web1", .scheme), ("http+unix://web1", .scheme), ("unix:/run/x.sock", .scheme),
    ("http://", .noHost), ("http:///api", .noHost), ("http:web1", .noHost),
    ("http://:8080", .noHost), ("http://web1:0", .port), ("http://web1:65536", .port),
    ("http://web1:99999999999999999999", .port), ("http://web1:", .port),
    ("http://web1:99999999999999999999/cad", .port), ("http://[::1]:70000", .port),
    ("http://web1:http", .notAURL),
    ("http://we b1", .notAURL), ("http://web1/%zz", .notAURL), ("http://wéb1", .notAURL),
    ("http://web1/\n", .notAURL), ("http://[::1", .notAURL),
    ("http://web1/?", .query), ("http://web1?type=docker", .query),
    ("http://web1/#top", .fragment),
    ("http://probe@web1", .credentials), ("http://:hunter2@web1", .credentials),
    ("http://probe:hunter2@web1:8080/", .credentials), ("http://@web1", .credentials),
  ]

  @Test(arguments: bad)
  func `what is no base URL is refused with a reason`(
    _ bad: (text: String, problem: CAdvisorURLError.Problem)
  ) {
    let error = #expect(throws: CAdvisorURLError.self) { try CAdvisorEndpoint(url: bad.text) }
    #expect(error?.problem == bad.problem)
    #expect(error?.description.contains("\n") == false)
  }

  @Test(arguments: [
    "http://probe:hunter2@web1:8080", "http://probe:hunter2@web1 :80", "probe:hunter2@web1",
    "HTTP://probe:p@hunter2@web1?x=1", "ftp://hunter2@web1", "http://web1:8080/?token=@hunter2@b",
  ])
  func `an error never shows what may be a password`(_ text: String) {
    let error = #expect(throws: CAdvisorURLError.self) { try CAdvisorEndpoint(url: text) }
    var dumped = ""
    dump(error, to: &dumped)
    #expect(!dumped.contains("hunter2"))
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func `credentials in the URL name what to use instead`() {
    let error = #expect(throws: CAdvisorURLError.self) {
      try CAdvisorEndpoint(url: "http://probe:hunter2@web1:8080")
    }
    #expect(
      error?.description == """
        "http://(secret)@web1:8080" holds a user or password; use username and password_file instead
        """)
  }
}
