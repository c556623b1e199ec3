internal import Balancing
internal import Control

/// A source whose machine stands in the place of its containers: for servers that have none.
struct WholeHostSource: LoadSource {
  private let source: any LoadSource

  init(_ source: any LoadSource) { self.source = source }

  var name: EndpointName { source.name }
  var host: HostName { source.host }

  func read() async throws(PortFailure) -> HostReading {
    var reading = try await source.read()
    reading.containers = []
    // What is wrong with containers is nothing to a host.
    reading.malformed = reading.malformed.filter { $0.key.hasPrefix("the host") }
    if let sample = reading.hostSample {
      reading.containers = [
        ContainerReading(
          id: HostReading.wholeHost, aliases: [host.text], labels: [:], sample: sample,
          quotaCores: nil, isWholeHost: true,
          flaw: reading.cores == nil ? "the cores of its host are not known" : nil)
      ]
    }
    return reading
  }
}
