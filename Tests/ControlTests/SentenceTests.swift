import Balancing
import Control
import Testing

@Suite struct SentenceTests {
  @Test func `a weight change is one line with its reason`() {
    let change = WeightChange(
      backend: "shop", server: "shop-2", balancer: "lb1", old: Weight(clamping: 120),
      new: Weight(clamping: 84),
      reason: .levelling(Utilisation(0.8149, of: .quota), mean: 0.5701))
    #expect(
      "\(ControlEvent.weightChanged(change))"
        == "shop/shop-2 on lb1: weight 120 → 84 (0.81 of its quota, mean 0.57)")
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
