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
        "message_id": "79f5e1f9104b4780b1d1c22e0552624d",
        "evenkeel_backend": "shop", "evenkeel_server": "shop-2", "evenkeel_balancer": "lb1",
        "evenkeel_weight_old": "120", "evenkeel_weight_new": "84",
        "evenkeel_utilisation": "0.812", "evenkeel_share_old": "0.201",
        "evenkeel_share_new": "0.142",
        "evenkeel_reason": "share 20.1 → 14.2 %; 0.81 of its quota, mean 0.57",
      ])
  }

  @Test func `an event of the daemon itself carries its sentence and its identity`() throws {
    let log = CollectedLog()
    EventLog(log.logger).log(.ready, "ready: all hosts answer")
    let line = try #require(log.all.first)
    #expect(line.level == .info && line.message == "first look at the fleet is complete")
    #expect(
      line.fields == [
        "text": "ready: all hosts answer", "message_id": "4874f19b3c5f49f79ce3e3d0ffdd04e6",
      ])
  }
}
