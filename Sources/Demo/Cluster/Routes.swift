import FoundationEssentials
import Hummingbird
import NIOCore
import ServiceLifecycle

/// What one of the six servers answers: `ok`, as late as its quota makes it.
func routes(of server: VirtualServer) -> RouterResponder<BasicRequestContext> {
  let router = Router()
  router.get("/") { _, _ in
    // At the end of the demo nobody waits for the answer any more.
    try await cancelWhenGracefulShutdown { try await server.serve() }
    return "ok\n"
  }
  return router.buildResponder()
}

/// The part of cAdvisor's API that evenkeel asks for.
func routes(of replies: CAdvisorReplies) -> RouterResponder<BasicRequestContext> {
  let router = Router()
  router.get("/api/v2.1/stats") { _, _ in try json(replies.containerStats()) }
  router.get("/api/v2.1/machinestats") { _, _ in try json(replies.machineStats()) }
  router.post("/api/v1.3/docker") { _, _ in try json(replies.containers()) }
  router.get("/api/v1.3/machine") { _, _ in try json(replies.machine()) }
  return router.buildResponder()
}

private func json(_ value: some Encodable) throws -> Response {
  Response(
    status: .ok,
    headers: [.contentType: "application/json"],
    body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(value))))
}
