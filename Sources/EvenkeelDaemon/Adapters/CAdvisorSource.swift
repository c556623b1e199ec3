internal import AsyncHTTPClient
package import Balancing
package import CAdvisor
package import Control

/// A cAdvisor as `Control` reads it.
package struct CAdvisorSource: LoadSource {
  package let name: EndpointName
  package let host: HostName
  private let reader: CAdvisorReader
  private let addresses: EndpointAddresses
  private let maxAge: Duration

  /// - Parameters:
  ///   - addresses: how the machine's address is found, for matching by address.
  ///   - interval: the time between two ticks; a reading is asked to be no older than a twentieth of it, so
  ///     that of two quick ticks each has one of its own.
  package init(
    name: EndpointName, host: HostName, reader: CAdvisorReader, addresses: EndpointAddresses,
    interval: Duration
  ) {
    self.name = name
    self.host = host
    self.reader = reader
    self.addresses = addresses
    maxAge = min(.seconds(1), interval / 20)
  }

  package func read() async throws(PortFailure) -> HostReading {
    try await hostReading { () async throws(CAdvisorError) in
      try await reader.read(maxAge: maxAge)
    }
  }

  package func read(only containers: Set<String>) async throws(PortFailure) -> HostReading {
    try await hostReading { () async throws(CAdvisorError) in
      try await reader.read(only: containers, maxAge: maxAge)
    }
  }

  private func hostReading(
    _ read: () async throws(CAdvisorError) -> CAdvisorReading
  ) async throws(PortFailure) -> HostReading {
    let reading: CAdvisorReading
    do {
      reading = try await read()
    } catch {
      throw PortFailure(error)
    }
    return HostReading(
      answeredAt: reading.answeredAtNanoseconds.map(Timestamp.init(nanoseconds:)),
      cores: reading.cores.map(Double.init),
      hostSample: reading.hostSample.map(CPUSample.init),
      containers: reading.containers.map { container in
        ContainerReading(
          id: container.id, aliases: container.aliases, labels: container.labels,
          sample: container.samples.last.map(CPUSample.init),
          waits: container.samples.last.map(CPUWaitCounters.init),
          quotaCores: reading.coreLimits[container.id],
          sharedLimit: reading.sharedLimits[container.id].map {
            SharedLimit(id: $0.cgroup, cores: $0.cores)
          },
          cpuShares: reading.cpuShares[container.id], pinnedCPUs: reading.pinnedCPUs[container.id],
          flaw: reading.flaws[container.id])
      },
      others: reading.others, addresses: await addresses.current(), malformed: reading.shortcomings)
  }
}

extension CPUSample {
  fileprivate init(_ sample: Sample) {
    self.init(
      timestamp: Timestamp(nanoseconds: sample.timestampNanoseconds),
      cpuNanoseconds: sample.cpuTotalNanoseconds)
  }
}

extension CPUWaitCounters {
  fileprivate init(_ sample: Sample) {
    self.init(
      periods: sample.periods, throttledPeriods: sample.throttledPeriods,
      // A kernel that does not tell it stands at 0.
      pressureNanoseconds: sample.pressureMicroseconds.flatMap {
        let (product, overflow) = $0.multipliedReportingOverflow(by: 1000)
        return overflow || product == 0 ? nil : product
      })
  }
}

extension CAdvisorReading {
  /// What is missing in it or older than it should be, by container, question or what it is.
  fileprivate var shortcomings: [String: String] {
    warnings.reduce(into: malformed.merging(notes) { first, _ in first }) {
      $0[$1.request] = "an earlier answer is used: \($1.reason)"
    }
  }
}
