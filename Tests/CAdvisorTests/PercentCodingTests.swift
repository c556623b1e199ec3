import CAdvisor
import Testing

@Suite struct PercentCodingTests {
  @Test(arguments: [
    ("", ""), ("shop-1.a_b~Z9", "shop-1.a_b~Z9"), ("/run/a b.sock", "%2Frun%2Fa%20b.sock"),
    ("a+b&c=d", "a%2Bb%26c%3Dd"), ("\u{1}%", "%01%25"), ("é", "%C3%A9"),
  ])
  func `all is coded but what is unreserved`(text: String, coded: String) {
    #expect(PercentCoding.coded(text) == coded)
  }

  @Test func `what is asked to stay as it is does`() {
    #expect(PercentCoding.coded("a=%20 b", keeping: "=%") == "a=%20%20b")
  }
}
