import CheckedJSON
import FoundationEssentials
import Glibc
import Testing

@testable import EvenkeelDaemon

struct ConfigurationLoadingTests {
  @Test func `a file is read, with credentials that are there`() throws {
    try inFolder { folder in
      let file = "\(folder)/config.json"
      try write(ConfigurationText.full, to: file)
      let configuration = try Configuration.load(from: file, environment: [:])
      #expect(
        configuration.endpoints.last?.credentials
          == .bearer(tokenFile: "\(folder)/cadvisor-token"))
      let credentials = "\(folder)/credentials"
      try FileManager.default.createDirectory(
        atPath: credentials, withIntermediateDirectories: false)
      try write("secret", to: "\(credentials)/cadvisor-token")
      let environment = ["CREDENTIALS_DIRECTORY": credentials]
      let withCredentials = try Configuration.load(from: file, environment: environment)
      #expect(
        withCredentials.endpoints.last?.credentials
          == .bearer(tokenFile: "\(credentials)/cadvisor-token"))
    }
  }

  @Test func `a link to a file is followed`() throws {
    try inFolder { folder in
      try write(ConfigurationText.small(), to: "\(folder)/real.json")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/config.json", withDestinationPath: "real.json")
      _ = try Configuration.load(from: "\(folder)/config.json", environment: [:])
    }
  }

  @Test func `an absent file is a problem that says how to name another`() throws {
    try inFolder { folder in
      for path in ["\(folder)/none.json", "\(folder)/none/config.json", ""] {
        #expect(
          throws: invalid(
            path, "does not exist",
            "`evenkeel init` writes one; --config or $EVENKEEL_CONFIG names another")
        ) {
          try Configuration.load(from: path, environment: [:])
        }
      }
    }
  }

  @Test func `a folder and a device are problems`() throws {
    try inFolder { folder in
      #expect(throws: invalid(folder, "is a folder")) {
        try Configuration.load(from: folder, environment: [:])
      }
    }
    #expect(throws: invalid("/dev/zero", "is no regular file")) {
      try Configuration.load(from: "/dev/zero", environment: [:])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a pipe that nobody writes to is a problem and not a wait`() throws {
    try inFolder { folder in
      let pipe = "\(folder)/pipe"
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      #expect(throws: invalid(pipe, "is no regular file")) {
        try Configuration.load(from: pipe, environment: [:])
      }
    }
  }

  @Test func `a file may be as large as the limit and no larger`() throws {
    try inFolder { folder in
      let file = "\(folder)/config.json"
      let text = ConfigurationText.small()
      let space = String(
        repeating: " ", count: Configuration.maximumFileSize - text.utf8.count)
      try write(text + space, to: file)
      _ = try Configuration.load(from: file, environment: [:])
      try write(text + space + " ", to: file)
      #expect(throws: invalid(file, "is larger than 4194304 bytes")) {
        try Configuration.load(from: file, environment: [:])
      }
    }
  }

  @Test func `a path that the system refuses is a problem in its words`() throws {
    let path = "/" + String(repeating: "a", count: 5_000)
    #expect(throws: invalid(path, "cannot be read: File name too long")) {
      try Configuration.load(from: path, environment: [:])
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `a file that may not be read says what to change`() throws {
    try inFolder { folder in
      let file = "\(folder)/config.json"
      try write(ConfigurationText.small(), to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file)
      let error = invalid(
        file, "may not be read by \(CurrentUser.description)", "change its owner, group or mode")
      #expect(throws: error) { try Configuration.load(from: file, environment: [:]) }
    }
  }

  @Test(
    arguments: [
      (nil, [:], "/etc/evenkeel/config.json"),
      (nil, ["EVENKEEL_CONFIG": ""], "/etc/evenkeel/config.json"),
      (nil, ["EVENKEEL_CONFIG": "/a.json"], "/a.json"),
      ("b.json", ["EVENKEEL_CONFIG": "/a.json"], "b.json"),
    ] as [(String?, [String: String], String)])
  func `the option wins over the environment, and that over the standard place`(
    option: String?, environment: [String: String], path: String
  ) {
    #expect(ConfigurationLocation.resolve(option: option, environment: environment) == path)
  }

  @Test(arguments: [
    ("config.json", "ca.pem", "ca.pem"), ("/config.json", "ca.pem", "/ca.pem"),
    ("a/config.json", "tls/ca.pem", "a/tls/ca.pem"), ("a/config.json", "/ca.pem", "/ca.pem"),
  ])
  func `a relative file is beside the configuration`(
    configuration: String, file: String, path: String
  ) {
    let files = ReferencedFiles(configuration: configuration, environment: [:]) { _ in false }
    #expect(files.path(of: file) == path)
  }

  private func invalid(
    _ file: String, _ message: String, _ hint: String? = nil
  ) -> InvalidFile {
    InvalidFile(
      file: file, problems: [Problem(path: "", message: message, hint: hint)])
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  private func inFolder(_ body: (_ folder: String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/evenkeel-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }
}
