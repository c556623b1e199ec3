import Testing

@testable import CAdvisor

/// What replies may hold together.
struct ReplyBudgetTests {
  @Test func `each has its own part whatever the others hold`() throws {
    let budget = ReplyBudget(ownPart: 100, pool: 400)
    var shares = 0
    for _ in 0..<4 {
      var greedy = ReplyBudget.Share(of: budget)
      try greedy.hold(200)
      shares += 1
      try Self.whileHeld(greedy) {
        var modest = ReplyBudget.Share(of: budget)
        try modest.hold(100)
      }
    }
    #expect(shares == 4)
  }

  @Test func `no reply gets more than a quarter of the pool`() throws {
    let budget = ReplyBudget(ownPart: 100, pool: 400)
    var share = ReplyBudget.Share(of: budget)
    try share.hold(200)
    let excess = #expect(throws: ReplyBudget.Excess.self) { try Self.hold(&share, 201) }
    #expect(excess?.isOfAll == false)
  }

  @Test func `beyond the pool one is given up, and what ends makes room`() throws {
    let budget = ReplyBudget(ownPart: 0, pool: 400)
    try Self.hold(budget, of: 4) {
      var late = ReplyBudget.Share(of: budget)
      let excess = #expect(throws: ReplyBudget.Excess.self) { try Self.hold(&late, 1) }
      #expect(excess?.isOfAll == true)
    }
    var late = ReplyBudget.Share(of: budget)
    try late.hold(100)
  }

  /// Does something while so many hold all that they may.
  private static func hold(
    _ budget: ReplyBudget, of many: Int, _ body: () throws -> Void
  ) throws {
    guard many > 0 else { return try body() }
    var share = ReplyBudget.Share(of: budget)
    try share.hold(100)
    try hold(budget, of: many - 1, body)
    try whileHeld(share) {}
  }

  private static func hold(_ share: inout ReplyBudget.Share, _ bytes: Int) throws {
    try share.hold(bytes)
  }

  private static func whileHeld(
    _ share: borrowing ReplyBudget.Share, _ body: () throws -> Void
  ) throws {
    try body()
  }
}
