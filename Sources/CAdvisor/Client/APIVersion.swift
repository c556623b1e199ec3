/// The versions of cAdvisor's API that can be read.
package enum APIVersion: CaseIterable, Sendable {
  /// Since 0.20.4: fresh readings on demand, and small replies.
  case v2_1
  /// Before that: as fresh as cAdvisor's own housekeeping.
  case v1_3

  /// The one to ask for first.
  static let preferred = APIVersion.v2_1

  /// The version to ask for next, where an error says that the server lacks this one.
  ///
  /// cAdvisor answers 500 `unsupported API version "v2.1"`. Only its wording tells that from
  /// other failures; the status is checked loosely because it has not always been a 500.
  func fallback(after error: CAdvisorError) -> APIVersion? {
    guard self == .v2_1, case .status(let status) = error.kind, [400, 404, 500].contains(status),
      error.detail.lowercased().contains("unsupported api version")
    else { return nil }
    return .v1_3
  }
}
