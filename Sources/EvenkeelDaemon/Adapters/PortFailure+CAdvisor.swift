internal import CAdvisor
internal import Control

extension PortFailure {
  init(_ error: CAdvisorError, from kind: SourceKind = .cadvisor) {
    let failure: Kind =
      switch error.kind {
      case .timedOut: .timedOut
      case .cancelled: .cancelled
      case .unauthorized, .forbidden: .permissionDenied
      case .status, .partRefused, .redirect: .refused
      case .severalMachines: .severalPeers
      case .malformed, .tooLarge, .cutShort: .garbled
      default: .unreachable
      }
    guard kind != .cadvisor, let sentence = error.sentence(for: kind) else {
      self.init(failure, error.description)
      return
    }
    self.init(failure, "\(error.endpoint): \(sentence)")
  }
}

extension CAdvisorError {
  /// What the reader of a page should know, where that is not what the reader of cAdvisor's API
  /// should.
  fileprivate func sentence(for source: SourceKind) -> String? {
    let words = detail.isEmpty ? "" : " (\(detail))"
    let sentence: String
    switch kind {
    case .connectionRefused:
      sentence =
        "connection refused\(words); is \(source.program) running there, and is the port right?"
    case .timedOut:
      sentence =
        "no answer in time\(words); check that \(source.program) is not overloaded and no firewall "
        + "drops it"
    case .unauthorized:
      sentence =
        "not authorized\(words); set username and password_file, or token_file, to what it accepts"
    case .forbidden:
      sentence =
        "not allowed\(words); set username and password_file, or token_file, to what it accepts, and "
        + "let it allow GET"
    case .status(404): sentence = "status 404\(words); check the path in the URL"
    case .status(let status) where (502...504).contains(status):
      sentence = "status \(status)\(words); a proxy answers, but what is behind it does not"
    case .tooLarge:
      sentence = "the reply is too large\(words); raise reply_limit, or let it tell less"
    case .malformed:
      sentence = "the reply is not \(source.reply)\(words); check the URL"
    default: return nil
    }
    // Of a page the URL says all.
    return request == "GET " ? sentence : "\(sentence) [\(request)]"
  }
}
