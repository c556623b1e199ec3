import Balancing
import Control
import Testing

@Suite struct SentenceTests {
  private func change(
    _ old: Int, _ new: Int, _ before: Double, _ after: Double, _ reason: WeightChange.Reason
  ) -> WeightChange {
    WeightChange(
      backend: "shop", server: "shop-2", balancer: "lb1", old: Weight(clamping: old),
      new: Weight(clamping: new), shares: WeightChange.Shares(before: before, after: after),
      reason: reason)
  }

  @Test(arguments: [
    (
      120, 84, 0.2014, 0.142,
      WeightChange.Reason.levelling(Utilisation(0.8149, of: .quota), mean: 0.57),
      "share 20.1 → 14.2 % (weight 120 → 84, 0.81 of its quota, mean 0.57)"
    ),
    (
      100, 96, 0.167, 0.201, .levelling(Utilisation(0.44, of: .quota), mean: 0.75),
      "share 16.7 → 20.1 % (weight 100 → 96, the scale changed; 0.44 of its quota, mean 0.75)"
    ),
    (
      100, 96, 0.167, 0.16702, .scale, "share 16.7 % as before (weight 100 → 96, the scale changed)"
    ),
    (
      100, 1, 0.167, 0.002, .clearing(requests: 24),
      "share 16.7 → 0.2 % (weight 100 → 1, clearing a queue of 24)"
    ),
    (
      1, 22, 0.002, 0.04, .cleared,
      "share 0.2 → 4.0 % (weight 1 → 22, queue cleared: its share again)"
    ),
    (
      100, 48, 0.167, 0.08, .restored,
      "share 16.7 → 8.0 % (weight 100 → 48, put back after a reload)"
    ),
    (
      100, 120, 0.167, 0.161, .givenBack,
      "share 16.7 → 16.1 % (weight 100 → 120, HAProxy's own, as evenkeel stops)"
    ),
  ])
  func `a weight change is one line with its share and its cause`(
    old: Int, new: Int, before: Double, after: Double, reason: WeightChange.Reason, line: String
  ) {
    #expect(
      "\(ControlEvent.weightChanged(change(old, new, before, after, reason)))"
        == "shop/shop-2 on lb1: \(line)")
  }

  @Test func `without shares the weights alone are told`() {
    let change = WeightChange(
      backend: "shop", server: "shop-2", balancer: "lb1", old: Weight(clamping: 120),
      new: Weight(clamping: 84), reason: .givenBack)
    #expect(
      "\(change)" == "shop/shop-2 on lb1: weight 120 → 84 (HAProxy's own, as evenkeel stops)")
    #expect(change.why == "HAProxy's own, as evenkeel stops")
  }

  @Test(arguments: [
    (0.0, 2, "0.00"), (1.005, 2, "1.00"), (0.999, 2, "1.00"), (-0.05, 1, "-0.1"),
    (1234.5, 0, "1235"), (.nan, 2, "–"), (.infinity, 0, "–"), (1e300, 2, "–"), (0.07, 3, "0.070"),
  ])
  func `numbers are written with a fixed count of decimals`(
    value: Double, decimals: Int, text: String
  ) {
    #expect(decimal(value, decimals) == text)
  }
}
