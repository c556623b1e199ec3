import HAProxy
import Testing

/// The error that a call of the client ends with; a test that expects one fails without it.
func failure<Value: Sendable>(
  sourceLocation: SourceLocation = #_sourceLocation,
  of operation: () async throws -> Value
) async throws -> RuntimeError {
  let error = await #expect(throws: RuntimeError.self, sourceLocation: sourceLocation) {
    _ = try await operation()
  }
  return try #require(error, sourceLocation: sourceLocation)
}
