import Glibc
import Synchronization
import Systemd
import Testing

@Suite struct ServiceNotifierTests {
  @Test func `a status is sent when it changed, and only then`() {
    let sent = Sent()
    let notifier = ServiceNotifier(send: sent.append)
    for text in ["one", "one", "two", "two", "one"] { notifier.status(text) }
    #expect(sent.messages == ["STATUS=one", "STATUS=two", "STATUS=one"])
  }

  @Test func `statuses that look the same once cut are the same`() {
    let sent = Sent()
    let notifier = ServiceNotifier(send: sent.append)
    let long = String(repeating: "x", count: 2_000)
    notifier.status(long + "1")
    notifier.status(long + "2")
    #expect(sent.messages.count == 1)
  }

  @Test func `readiness is a message apart from the status`() {
    let sent = Sent()
    let notifier = ServiceNotifier(send: sent.append)
    notifier.status("learning")
    notifier.ready()
    #expect(sent.messages == ["STATUS=learning", "READY=1"])
  }

  @Test func `everything else is sent each time`() {
    let sent = Sent()
    let notifier = ServiceNotifier(send: sent.append)
    for _ in 1...2 {
      notifier.watchdog()
      notifier.errno(78)
      notifier.stopping()
    }
    let once = ["WATCHDOG=1", "ERRNO=78", "STOPPING=1"]
    #expect(sent.messages == once + once)
  }

  @Test func `a reload tells when it began`() throws {
    let sent = Sent()
    let before = try monotonicMicroseconds()
    ServiceNotifier(send: sent.append).reloading()
    let after = try monotonicMicroseconds()

    let message = try #require(sent.messages.first)
    let prefix = "RELOADING=1\nMONOTONIC_USEC="
    try #require(message.hasPrefix(prefix))
    let began = try #require(Int(message.dropFirst(prefix.count)))
    #expect((before...after).contains(began))
  }

  @Test func `systemd's socket receives every message`() async {
    await #expect(processExitsWith: .success) {
      let socket = try DatagramSocket()
      unsafe setenv("NOTIFY_SOCKET", socket.path, 1)
      let notifier = ServiceNotifier()
      notifier.status("2 backends\n6 servers")
      notifier.status("2 backends\n6 servers")
      notifier.ready()
      notifier.reloading()
      notifier.watchdog()
      notifier.stopping()

      #expect(socket.receive() == "STATUS=2 backends 6 servers")
      #expect(socket.receive() == "READY=1")
      let reloading = try #require(socket.receive())
      #expect(reloading.wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*/) != nil)
      #expect(socket.receive() == "WATCHDOG=1")
      #expect(socket.receive() == "STOPPING=1")
      #expect(socket.receive() == nil)
    }
  }

  @Test func `without systemd nothing is sent and nothing is said`() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      unsafe unsetenv("NOTIFY_SOCKET")
      let notifier = ServiceNotifier()
      notifier.ready()
      notifier.status("6 servers")
      notifier.reloading()
      notifier.stopping()
    }
    #expect(String(decoding: result.standardErrorContent, as: UTF8.self) == "")
  }

  @Test func `a socket that nobody reads is complained of once`() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      unsafe setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1)
      let notifier = ServiceNotifier()
      notifier.ready()
      notifier.watchdog()
    }
    let said = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(said.split(separator: "\n").count == 1)
    #expect(said.contains("No such file or directory"))
  }
}

/// What a notifier has sent.
private final class Sent: Sendable {
  private let log = Mutex<[String]>([])

  var messages: [String] { log.withLock { $0 } }

  @Sendable func append(_ message: String) { log.withLock { $0.append(message) } }
}

private func monotonicMicroseconds() throws -> Int {
  var now = timespec()
  try #require(unsafe clock_gettime(CLOCK_MONOTONIC, &now) == 0)
  return now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
}
