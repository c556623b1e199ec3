import Balancing
import CAdvisor
import FoundationEssentials
import Testing

@testable import EvenkeelDaemon

/// What `check` says of secrets that others could come by.
@Suite struct SecrecyNotesTests {
  private static let token = EndpointConfiguration.Credentials.bearer(tokenFile: "/nonexistent")

  private static func notes(
    _ url: String, _ credentials: EndpointConfiguration.Credentials? = token
  ) -> [String] {
    SecrecyNotes.of(
      EndpointConfiguration(name: "web1", url: url, host: "web1", credentials: credentials))
  }

  @Test(arguments: ["http://web1:8080", "http://192.168.1.31", "http://127.evil.example"])
  func `credentials that leave the machine over http are noted`(url: String) {
    #expect(
      Self.notes(url) == [
        "its token is sent in clear text over http://, for all between here and there to read: "
          + "use https://"
      ])
    #expect(
      Self.notes(url, .basic(username: "u", passwordFile: "/nonexistent")).first?
        .hasPrefix("its password is sent in clear text") == true)
    #expect(Self.notes(url, nil) == [])
  }

  @Test(arguments: [
    "https://web1", "http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080",
    "http://cadvisor.localhost",
  ])
  func `credentials that nobody else can read are not`(url: String) {
    #expect(Self.notes(url) == [])
  }

  @Test(arguments: [(0o600, false), (0o640, false), (0o644, true), (0o604, true), (0o666, true)])
  func `a secret that everybody may read is noted`(mode: Int, isNoted: Bool) throws {
    let path = FileManager.default.temporaryDirectory.path + "/secret-\(UUID().uuidString)"
    try Data("sesame\n".utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    let expected =
      isNoted
      ? [
        "\(path) holds a secret, and everybody on this machine may read it (mode "
          + "\(String(mode, radix: 8))): chmod 640 and the group that evenkeel runs in, or "
          + "LoadCredential= in systemd's unit"
      ] : []
    #expect(Self.notes("https://web1", .bearer(tokenFile: path)) == expected)
    #expect(Self.notes("https://web1", .basic(username: "u", passwordFile: path)) == expected)
    #expect(
      SecrecyNotes.of(
        EndpointConfiguration(
          name: "web1", url: "https://web1", host: "web1",
          clientCertificate: .init(certificateFile: "/nonexistent", keyFile: path))) == expected)
    #expect(
      SecrecyNotes.of(
        StatusConfiguration(address: .tcp(host: "::1", port: 9797), tokenFile: path)) == expected)
  }

  @Test func `a status that others can see, or whose token they can, is noted`() {
    let everywhere = StatusConfiguration.Address.tcp(host: "0.0.0.0", port: 9797)
    #expect(
      SecrecyNotes.of(StatusConfiguration(address: everywhere)) == [
        "everybody who reaches 0.0.0.0:9797 can see it: ask for a token with `status.token_file`, "
          + "or listen on 127.0.0.1"
      ])
    #expect(
      SecrecyNotes.of(StatusConfiguration(address: everywhere, tokenFile: "/nonexistent")) == [
        "at 0.0.0.0:9797 the token is sent in clear text: put a proxy with TLS before it, or "
          + "listen on 127.0.0.1"
      ])
    for address in [.off, .unix(path: "/a"), StatusConfiguration.standard.address] {
      #expect(SecrecyNotes.of(StatusConfiguration(address: address)) == [])
    }
  }
}
