import Balancing
import Control
import EvenkeelDaemon
import Logging
import Testing

@Suite struct EventLogTests {
  @Test func `a weight change carries its fields and its sentence`() throws {
    let log = CollectedLog()
    EventLog(log.logger).log(
      .weightChanged(
        WeightChange(
          backend: "shop", server: "shop-2", balancer: "lb1", old: Weight(clamping: 120),
          new: Weight(clamping: 84), shares: WeightChange.Shares(before: 0.2014, after: 0.142),
          utilisation: Utilisation(0.812, of: .quota),
          reason: .levelling(Utilisation(0.812, of: .quota), mean: 0.57))))
    let line = try #require(log.all.first)
    #expect(line.level == .info)
    #expect(line.message == "weight changed")
    #expect(
      line.fields == [
        "text":
          "shop/shop-2 on lb1: share 20.1 → 14.2 % (weight 120 → 84, 0.81 of its quota, mean 0.57)",
        "message_id": JournalEvent.weightChanged.messageID,
        "evenkeel_backend": "shop", "evenkeel_server": "shop-2", "evenkeel_balancer": "lb1",
        "evenkeel_weight_old": "120", "evenkeel_weight_new": "84",
        "evenkeel_utilisation": "0.812", "evenkeel_share_old": "0.201",
        "evenkeel_share_new": "0.142",
        "evenkeel_reason": "share 20.1 → 14.2 %; 0.81 of its quota, mean 0.57",
      ])
  }

  @Test(arguments: JournalEvent.allCases)
  func `every kind of event has an identity of its own`(event: JournalEvent) {
    let sisters = JournalEvent.allCases.filter { $0.messageID == event.messageID }
    #expect(sisters == [event])
    #expect(event.messageID.count == 32 && event.messageID.allSatisfy(\.isHexDigit))
    #expect(!event.message.isEmpty)
  }
}
