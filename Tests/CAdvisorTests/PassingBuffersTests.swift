import NIOCore
import Testing

@testable import CAdvisor

/// What a connection reads into.
@Suite struct PassingBuffersTests {
  @Test func `a connection keeps the first buffer alone, and reads much at once`() {
    var pool = NIOPooledRecvBufferAllocator(capacity: 1, recvAllocator: PassingBuffers())
    var capacities: [Int] = []
    for _ in 0..<4 {
      let (buffer, _) = pool.buffer(allocator: ByteBufferAllocator()) { $0.writeInteger(1) }
      pool.record(actualReadBytes: buffer.readableBytes)
      capacities.append(buffer.capacity)
    }
    #expect(capacities == [512, 32 << 10, 32 << 10, 32 << 10])
    #expect(pool.count == 1)
  }
}
