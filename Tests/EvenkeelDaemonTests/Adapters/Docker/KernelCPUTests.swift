import Balancing
import Testing

@testable import EvenkeelDaemon

@Suite struct KernelCPUTests {
  private let now = Timestamp(nanoseconds: 7)

  @Test func `the machine's work is counted without idleness and without guests twice`() {
    let text = """
      cpu  100 20 30 5000 600 7 8 9 50 10
      cpu0 50 10 15 2500 300 3 4 4 25 5
      cpu1 50 10 15 2500 300 4 4 5 25 5
      intr 1 2
      ctxt 3

      """
    let use = KernelCPU(Array(text.utf8), at: now)
    #expect(use?.cores == 2)
    #expect(use?.sample == CPUSample(timestamp: now, cpuNanoseconds: 1_740_000_000))
  }

  @Test(arguments: [
    "", "cpu", "cpu  1 2 3\ncpu0 1 2 3\n", "cpu  a b c d e f g h\ncpu0 1\n",
    "cpu  18446744073709551615 1 1 1 1 1 1 1\ncpu0 1\n", "cpu0 1 2 3 4 5 6 7 8\n",
  ])
  func `what is not the kernel's is nothing`(text: String) {
    #expect(KernelCPU(Array(text.utf8), at: now) == nil)
  }

  @Test func `this machine tells it`() throws {
    let use = try #require(KernelCPU.read(at: now))
    #expect(use.cores >= 1 && use.sample.cpuNanoseconds > 0)
  }
}
