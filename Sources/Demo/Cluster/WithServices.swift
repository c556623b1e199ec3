import Logging
import ServiceLifecycle

/// The services around an operation ended before it did, and without an error.
struct ServicesEnded: Error, CustomStringConvertible {
  var description: String { "a service of the demo ended by itself" }
}

/// Runs services for as long as an operation takes, then shuts them down gracefully.
///
/// They are never cancelled while `body` can end by itself: a server that is cancelled drops the
/// connections that it has accepted and not yet served.
///
/// - Throws: what `body` throws, or what a service throws that ends before it: then `body` is
///   cancelled.
func withServices<Value: Sendable>(
  _ services: [any Service],
  logger: Logger,
  body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  let group = ServiceGroup(configuration: .init(services: services, logger: logger))
  let result = await withTaskGroup(of: Ended<Value>.self) { tasks -> Result<Value, any Error> in
    tasks.addTask {
      do {
        try await group.run()
        return .services(ServicesEnded())
      } catch {
        return .services(error)
      }
    }
    tasks.addTask {
      do {
        return .body(.success(try await body()))
      } catch {
        return .body(.failure(error))
      }
    }
    switch await tasks.next() {
    case .body(let result):
      await group.triggerGracefulShutdown()
      await tasks.waitForAll()
      return result
    case .services(let error):
      tasks.cancelAll()
      await tasks.waitForAll()
      return .failure(error)
    case nil:
      return .failure(CancellationError())
    }
  }
  return try result.get()
}

private enum Ended<Value: Sendable>: Sendable {
  case services(any Error)
  case body(Result<Value, any Error>)
}
