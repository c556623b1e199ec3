import FoundationEssentials
import Glibc
import Testing

/// A person who asks the daemon, and may not read the token that it asks for.
@Suite struct TokenFileTests {
  /// Root may read everything but for this.
  private static let launcher =
    geteuid() == 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : []

  @Test(arguments: [["status"], ["status", "--nagios"], ["explain", "shop", "shop-1"]])
  func `is told whose fault it is not, and what to do`(command: [String]) async throws {
    let token = try TemporaryFile("s3cret\n")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: token.path)
    let configuration = try TemporaryFile(
      """
      {"cadvisors": ["http://web1:8080"], "balancers": [{"name": "lb1", "address": "unix:/a"}],
       "backends": [{"name": "shop"}],
       "status": {"listen": "127.0.0.1:1", "token_file": "\(token.path)"}}
      """)
    let outcome = try await Program.run(
      list: command + ["--config", configuration.path], under: Self.launcher)
    let text = outcome.output + outcome.error
    #expect(outcome.exitCode == (command.contains("--nagios") ? 3 : 1), "\(text)")
    #expect(text.contains("the daemon asks for a token"), "\(text)")
    #expect(text.contains("may not be read by user "), "\(text)")
    #expect(text.contains("--token-file"), "\(text)")
    #expect(!text.contains("evenkeel's user"), "\(text)")
  }
}
