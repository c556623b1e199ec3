internal import CAdvisor
internal import Control

/// Who was asked, for sentences about what came of it.
enum Answerer: Sendable {
  case cadvisor
  /// A page of metrics.
  case page
  /// A list of hosts.
  case list
  case docker

  /// What should be running.
  fileprivate var program: String {
    switch self {
    case .cadvisor: "cAdvisor"
    case .page: "what serves the page"
    case .list: "what serves the list"
    case .docker: "Docker or Podman's service"
    }
  }

  /// What the reply should have been.
  fileprivate var reply: String {
    switch self {
    case .cadvisor: "cAdvisor's"
    case .page: "a page of metrics"
    case .list: "a list of targets"
    case .docker: "that of Docker's API"
    }
  }
}

extension PortFailure {
  init(_ error: CAdvisorError, from answerer: Answerer = .cadvisor) {
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
    guard answerer != .cadvisor, let sentence = error.sentence(for: answerer) else {
      self.init(failure, error.description)
      return
    }
    self.init(failure, "\(error.endpoint): \(sentence)")
  }
}

extension CAdvisorError {
  /// What the reader of a page should know, where that is not what the reader of cAdvisor's API
  /// should.
  fileprivate func sentence(for source: Answerer) -> String? {
    let words = detail.isEmpty ? "" : " (\(detail))"
    let sentence: String
    switch kind {
    case .connectionRefused:
      sentence =
        "connection refused\(words); is \(source.program) running there, and is the port right?"
    case .unreachable where source == .docker:
      sentence =
        "unreachable\(words); check that the socket is there and that this user may open it, which "
        + "the group docker may"
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
