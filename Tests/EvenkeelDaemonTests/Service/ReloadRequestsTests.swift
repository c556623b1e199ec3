import EvenkeelDaemon
import Testing

@Suite struct ReloadRequestsTests {
  @Test func `however often a reload is wanted, one answers it`() {
    let requests = ReloadRequests()
    #expect(!requests.take())
    for _ in 0..<5 { requests.raise() }
    #expect(requests.take())
    #expect(!requests.take())
  }

  @Test func `a wish that came before does not wait`() async {
    let requests = ReloadRequests()
    requests.raise()
    await requests.wait()
    #expect(requests.take())
  }

  @Test func `a wish wakes whoever waits, however the two meet`() async {
    for _ in 0..<1000 {
      let requests = ReloadRequests()
      async let waited: Void = requests.wait()
      requests.raise()
      await waited
      #expect(requests.take())
    }
  }

  @Test func `cancellation ends the wait, however the two meet`() async {
    for _ in 0..<1000 {
      let requests = ReloadRequests()
      let waiting = Task { await requests.wait() }
      waiting.cancel()
      await waiting.value
      #expect(!requests.take())
    }
  }
}
