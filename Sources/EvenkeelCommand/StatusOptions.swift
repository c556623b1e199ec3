internal import ArgumentParser
internal import EvenkeelDaemon

/// Which daemon is asked.
struct StatusOptions: ParsableArguments {
  @OptionGroup var configuration: ConfigurationOptions

  @Option(
    help: ArgumentHelp(
      "Ask at http://HOST:PORT.",
      discussion: "Default: at status.listen of the configuration.", valueName: "url"))
  var url: String?

  @Option(
    help: ArgumentHelp(
      "File with the token that the daemon asks for.",
      discussion: "Default: status.token_file of the configuration.", valueName: "file"))
  var tokenFile: String?

  /// - Throws: `StatusClient.NoAnswer`, `StatusClient.Refused`, `SecretFile.Unusable`, or
  ///   `InvalidFile`.
  func client() throws -> StatusClient {
    if let url {
      return try StatusClient(url: url, token: try tokenFile.map(StatusToken.read))
    }
    let file = configuration.path
    let configuration = try configuration.load()
    let token =
      try tokenFile.map(StatusToken.read)
      ?? StatusClient.token(of: configuration, file: file)
    return try StatusClient(configuration.status.address, token: token)
  }
}
