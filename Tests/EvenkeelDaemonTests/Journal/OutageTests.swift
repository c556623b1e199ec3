import EvenkeelDaemon
import Testing

@Suite struct OutageTests {
  @Test func `what fails is told once, and once more when it fails again after it went well`() {
    var outage = Outage()
    let isNews = [
      outage.end(), outage.begin(), outage.begin(), outage.end(), outage.end(), outage.begin(),
      outage.begin(),
    ]
    #expect(isNews == [false, true, false, true, false, true, false])
  }
}
