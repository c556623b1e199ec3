package import Balancing
package import Control

extension EndpointOutcome {
  /// What an endpoint says that lists containers, and tells next to nothing else of its host.
  package static func listing(
    _ containers: [ContainerReading], on host: HostName, addresses: Set<String> = [],
    isHere: Bool = false
  ) -> Self {
    var reading = HostReading(
      answeredAt: nil, cores: 1, hostSample: nil, containers: containers, addresses: addresses)
    reading.isHere = isHere
    return Self(
      endpoint: EndpointName(host.text), host: host, receivedAt: Timestamp(nanoseconds: 0),
      answer: .success(reading))
  }
}
