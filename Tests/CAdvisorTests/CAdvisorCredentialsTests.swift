import CAdvisor
import Testing

struct CAdvisorCredentialsTests {
  private static let secret = CAdvisorCredentials.Secret("hunter2")
  private static let credentials = CAdvisorCredentials.basic(username: "probe", password: secret)

  @Test(arguments: [credentials, .bearer(token: secret)])
  func `a secret prints as a secret, however it is printed`(credentials: CAdvisorCredentials) {
    var dumped = ""
    dump(credentials, to: &dumped)
    let texts = [
      "\(credentials)", String(reflecting: credentials), dumped,
      "\(Self.secret)", String(reflecting: Self.secret),
      "\(Optional(credentials) as Any)", "\([credentials])",
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

  @Test func `a server that sends a token back does not make it known`() async throws {
    try await withClient(
      of: { _ in .text(403, "no rights for hunter2") }, credentials: .bearer(token: Self.secret)
    ) { client, _ in
      let error = try await #require(throws: CAdvisorError.self) { try await client.machine() }
      #expect(error.detail == "status 403: no rights for (secret)")
      #expect(error.description.contains("token_file"))
    }
  }
}
