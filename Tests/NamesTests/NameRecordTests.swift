import Testing

@testable import Names

struct NameRecordTests {
  private static let answer: Result<[String], NameFailure.Reason> = .success(["10.0.0.1"])
  private static let trouble = NameFailure.Reason.unanswered("try again")

  @Test func `an answer is good for half a minute, then somebody asks again`() {
    var record = NameRecord()
    #expect(record.advice(at: .seconds(0)) == .ask)
    #expect(record.advice(at: .seconds(1)) == .wait)
    record.answer(Self.answer, at: .seconds(1))
    #expect(record.advice(at: .seconds(30)) == .take(["10.0.0.1"]))
    #expect(record.advice(at: .seconds(31)) == .ask)
    #expect(record.advice(at: .seconds(31)) == .wait)
  }

  @Test func `a look-up that is overdue is waited for no longer`() {
    var record = NameRecord()
    #expect(record.advice(at: .seconds(0)) == .ask)
    #expect(record.advice(at: .seconds(12)) == .giveUp(.silent(afterSeconds: 12)))
  }

  @Test func `a name server in trouble takes no address away`() {
    var record = NameRecord()
    _ = record.advice(at: .seconds(0))
    record.answer(Self.answer, at: .seconds(0))
    #expect(record.advice(at: .seconds(40)) == .ask)
    #expect(record.advice(at: .seconds(43)) == .take(["10.0.0.1"]), "while nobody answers")
    record.answer(.failure(Self.trouble), at: .seconds(60))
    #expect(record.advice(at: .seconds(60.5)) == .take(["10.0.0.1"]))
    #expect(record.advice(at: .seconds(61)) == .ask, "and is asked again all the same")
    #expect(record.best(at: .seconds(62)) == .take(["10.0.0.1"]))
  }

  @Test func `a name that is known no more loses its addresses`() {
    var record = NameRecord()
    _ = record.advice(at: .seconds(0))
    record.answer(Self.answer, at: .seconds(0))
    _ = record.advice(at: .seconds(40))
    record.answer(.failure(.unknown("no such name")), at: .seconds(40))
    #expect(record.advice(at: .seconds(40)) == .giveUp(.unknown("no such name")))
    #expect(record.advice(at: .seconds(41)) == .ask)
  }
}
