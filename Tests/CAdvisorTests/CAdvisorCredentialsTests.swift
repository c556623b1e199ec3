import CAdvisor
import Testing

struct CAdvisorCredentialsTests {
  private static let credentials = CAdvisorCredentials(username: "probe", password: "hunter2")

  @Test func `a password prints as a secret, however it is printed`() {
    var dumped = ""
    dump(Self.credentials, to: &dumped)
    let texts = [
      "\(Self.credentials)", String(reflecting: Self.credentials), dumped,
      "\(Self.credentials.password)", String(reflecting: Self.credentials.password),
      "\(Optional(Self.credentials) as Any)", "\([Self.credentials])",
    ]
    for text in texts {
      #expect(!text.contains("hunter2"))
      #expect(text.contains("(secret)"))
    }
  }

  @Test func `a client with a password shows none of it`() async throws {
    try await withClient(of: { _ in .text(401, "who are you?") }, credentials: Self.credentials) {
      client, _ in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      var dumped = ""
      dump(client, to: &dumped)
      dump(CAdvisorReader(client: client), to: &dumped)
      dump(error, to: &dumped)
      for text in [dumped, "\(client)", String(reflecting: client), "\(error)"] {
        #expect(text.contains(client.endpoint.url))
        #expect(!text.contains("hunter2"))
      }
    }
  }

  @Test(arguments: ["hunter2", "cHJvYmU6aHVudGVyMg=="])
  func `a server that sends a password back does not make it known`(secret: String) async throws {
    try await withClient(
      of: { _ in .text(500, "you said \(secret)!") }, credentials: Self.credentials
    ) { client, _ in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.detail == "you said (secret)!")
    }
  }
}
