import AsyncHTTPClient
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

@testable import Demo

/// The demo's parts without the daemon: weights in proportion to the quotas that the endpoints
/// tell, written once.
extension DemoParts {
  static let standIns = DemoParts(
    runDaemon: { configurationPath, logger, operation in
      try await withLoadClient { client in
        try await operation {
          let configuration = try JSONDecoder().decode(
            WrittenConfiguration.self, from: Data(contentsOf: URL(filePath: configurationPath)))
          guard configuration.mode == "control" else { return }
          let socketPath = String(configuration.balancers[0].address.dropFirst("unix:".count))
          for endpoint in configuration.cadvisors {
            for (server, quota) in try await quotas(from: endpoint.url, with: client) {
              let weight = max(1, Int(quota * 500))
              _ = try await runtimeCommand("set weight shop/\(server) \(weight)", at: socketPath)
            }
          }
          logger.info("weights set", metadata: ["backend": "shop"])
        }
      }
    },
    readWeights: weightsInHAProxy)
}

/// The keys of the daemon's configuration that the stand-in reads.
struct WrittenConfiguration: Decodable {
  struct Endpoint: Decodable {
    var url: String
    var host: String
  }
  struct Balancer: Decodable {
    var name: String
    var address: String
  }
  struct Backend: Decodable {
    var name: String
    var pattern: String
  }
  var interval: String
  var mode: String
  var cadvisors: [Endpoint]
  var balancers: [Balancer]
  var backends: [Backend]
}

/// The quotas of the containers of an endpoint, in cores, by alias.
func quotas(from url: String, with client: HTTPClient) async throws -> [String: Double] {
  struct Container: Decodable {
    struct Spec: Decodable {
      struct CPU: Decodable {
        var quota: Double
        var period: Double
      }
      var cpu: CPU
    }
    var aliases: [String]
    var spec: Spec
  }
  var request = HTTPClientRequest(url: "\(url)/api/v1.3/docker/")
  request.method = .POST
  request.body = .bytes(ByteBuffer(string: #"{"num_stats":0}"#))
  let response = try await client.execute(request, timeout: .seconds(5))
  let body = try await response.body.collect(upTo: 1 << 20)
  let containers = try JSONDecoder().decode(
    [String: Container].self, from: Data(body.readableBytesView))
  return Dictionary(
    uniqueKeysWithValues: containers.values.map {
      ($0.aliases[0], $0.spec.cpu.quota / $0.spec.cpu.period)
    })
}

/// One command and its whole reply, on a connection of its own.
func runtimeCommand(_ command: String, at socketPath: String) async throws -> String {
  let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .connect(unixDomainSocketPath: socketPath) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  return try await channel.executeThenClose { inbound, outbound in
    try await outbound.write(ByteBuffer(string: "\(command)\n"))
    var reply = ""
    for try await part in inbound { reply += String(buffer: part) }
    return reply
  }
}
