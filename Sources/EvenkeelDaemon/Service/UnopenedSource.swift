internal import Balancing
internal import Control

/// A host that was found and cannot be opened, since a file that it needs has become unusable: it says
/// so whenever it is read, as one that does not answer does.
struct UnopenedSource: LoadSource {
  let name: EndpointName
  let host: HostName
  let tellsContainerAddresses: Bool
  /// In words.
  let reason: String

  func read() async throws(PortFailure) -> HostReading {
    throw PortFailure(.permissionDenied, "\(name): cannot be asked: \(reason)")
  }
}
