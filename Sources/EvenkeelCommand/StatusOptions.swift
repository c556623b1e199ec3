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
    let loaded = try configuration.load()
    return try configuration.daemon(of: loaded, token: try tokenFile.map(StatusToken.read))
  }
}

extension ConfigurationOptions {
  /// The daemon that runs by a configuration.
  ///
  /// - Parameters:
  ///   - configuration: what the file says.
  ///   - token: instead of what it names.
  func daemon(
    of configuration: Configuration, token: StatusToken? = nil
  ) throws -> StatusClient {
    try StatusClient(
      configuration.status.address,
      token: token ?? StatusClient.token(of: configuration, file: path))
  }
}
