import Glibc
import Systemd
import Testing

@Suite struct WatchdogIntervalTests {
  @Test func `two signs of life fit into the limit, with time to spare`() {
    let watchdog = WatchdogInterval(limit: .seconds(30))
    #expect(watchdog.pingInterval == .seconds(10))
  }

  @Test func `the limit is the one that systemd set for this process`() async {
    await #expect(processExitsWith: .success) {
      unsafe setenv("WATCHDOG_USEC", "30000000", 1)
      unsafe setenv("WATCHDOG_PID", "\(getpid())", 1)
      #expect(WatchdogInterval.fromEnvironment() == WatchdogInterval(limit: .seconds(30)))
    }
  }

  @Test func `a watchdog set for a parent process is not ours`() async {
    await #expect(processExitsWith: .success) {
      unsafe setenv("WATCHDOG_USEC", "30000000", 1)
      unsafe setenv("WATCHDOG_PID", "\(getppid())", 1)
      #expect(WatchdogInterval.fromEnvironment() == nil)
    }
  }

  @Test func `without systemd, or with nonsense from it, there is no watchdog`() async {
    await #expect(processExitsWith: .success) {
      unsafe unsetenv("WATCHDOG_PID")
      unsafe unsetenv("WATCHDOG_USEC")
      #expect(WatchdogInterval.fromEnvironment() == nil)
      for nonsense in ["", "0", "soon", "-5", "18446744073709551615"] {
        unsafe setenv("WATCHDOG_USEC", nonsense, 1)
        #expect(WatchdogInterval.fromEnvironment() == nil, "WATCHDOG_USEC=\(nonsense)")
      }
    }
  }
}
