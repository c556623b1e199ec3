import NIOCore
import NIOPosix

/// A port of the loopback interface that was free a moment ago.
///
/// HAProxy cannot let the kernel choose one. Somebody else may take it meanwhile: then HAProxy
/// does not start, and another one is tried.
func freePort(group: any EventLoopGroup) async throws -> Int {
  let channel = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
  let port = channel.localAddress?.port
  try await channel.close()
  guard let port else { throw DemoError(.noFreePort) }
  return port
}
