import Balancing
import Testing

@testable import EvenkeelDaemon

@Suite struct FoundListTests {
  private let web1 = FoundTarget(host: "web1", port: 8080)
  private let web2 = FoundTarget(host: "web2", port: 8080)
  private let web3 = FoundTarget(host: "web3", port: 8080)

  private func time(_ seconds: Double) -> Timestamp {
    Timestamp(nanoseconds: 0).advanced(bySeconds: seconds)
  }

  private func found(_ targets: FoundTarget...) -> Result<FoundList.Answer, FindingFailure> {
    .success(FoundList.Answer(targets: targets))
  }

  @Test func `hosts come and go, and those that stay keep their order`() {
    var list = FoundList()
    #expect(list.take(found(web1, web2), at: time(0)) == [.changed(added: [web1, web2], gone: [])])
    #expect(list.take(found(web2, web1), at: time(10)) == [])
    #expect(
      list.take(found(web3, web2, web3), at: time(20)) == [.changed(added: [web3], gone: [web1])])
    #expect(list.targets == [web2, web3])
  }

  @Test func `a failure keeps the last list, and is said once, as is its end`() {
    var list = FoundList()
    _ = list.take(found(web1), at: time(0))
    #expect(list.take(.failure(FindingFailure("broken")), at: time(10)) == [.failed("broken")])
    #expect(list.take(.failure(FindingFailure("broken too")), at: time(20)) == [])
    #expect(list.targets == [web1] && list.failure == "broken too")
    #expect(list.take(found(web1), at: time(30)) == [.back])
    #expect(list.failure == nil)
  }

  @Test func `an answer without any host is doubted until it has been so for a minute`() {
    var list = FoundList()
    _ = list.take(found(web1), at: time(0))
    #expect(list.take(found(), at: time(10)).count == 1)
    #expect(list.take(found(), at: time(40)) == [])
    #expect(list.targets == [web1] && list.failure != nil)
    // Whoever names a host in between begins anew.
    #expect(list.take(found(web1), at: time(50)) == [.back])
    for seconds in [60.0, 90, 119] { _ = list.take(found(), at: time(seconds)) }
    #expect(list.targets == [web1])
    #expect(list.take(found(), at: time(120)) == [.back, .changed(added: [], gone: [web1])])
    #expect(list.targets.isEmpty && list.failure == nil)
  }

  @Test func `a minute alone is not believed, where it was asked but twice`() {
    var list = FoundList()
    _ = list.take(found(web1), at: time(0))
    _ = list.take(found(), at: time(10))
    _ = list.take(found(), at: time(100))
    #expect(list.targets == [web1])
  }

  @Test func `empty answers before a failure say nothing of those after it`() {
    var list = FoundList()
    _ = list.take(found(web1), at: time(0))
    for seconds in [10.0, 20, 30] { _ = list.take(found(), at: time(seconds)) }
    _ = list.take(.failure(FindingFailure("status 500")), at: time(60))
    _ = list.take(found(), at: time(90))
    #expect(list.targets == [web1])
  }

  @Test func `at the beginning nothing is nothing`() {
    var list = FoundList()
    #expect(list.take(found(), at: time(0)) == [])
    #expect(list.failure == nil)
  }

  @Test func `what a part of those who know does not name is not gone`() {
    var list = FoundList()
    _ = list.take(found(web1, web2), at: time(0))
    let part = FoundList.Answer(targets: [web2, web3], isWhole: false)
    #expect(list.take(.success(part), at: time(10)) == [.changed(added: [web3], gone: [])])
    #expect(list.targets == [web1, web2, web3])
  }
}
