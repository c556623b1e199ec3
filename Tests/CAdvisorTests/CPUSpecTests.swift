import Testing

@testable import CAdvisor

struct CPUSpecTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var spec: CPUSpec
    var cores = 4
    var limit: Double?
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "nothing is set", spec: CPUSpec()),
    Case(name: "a period alone", spec: CPUSpec(periodMicroseconds: 100_000)),
    Case(
      name: "a quarter of a core",
      spec: CPUSpec(quotaMicroseconds: 25_000, periodMicroseconds: 100_000), limit: 0.25),
    Case(
      name: "another period",
      spec: CPUSpec(quotaMicroseconds: 75_000, periodMicroseconds: 50_000), limit: 1.5),
    Case(
      name: "no period is the kernel's default", spec: CPUSpec(quotaMicroseconds: 150_000),
      limit: 1.5),
    Case(
      name: "a period of nothing is the kernel's default",
      spec: CPUSpec(quotaMicroseconds: 150_000, periodMicroseconds: 0), limit: 1.5),
    Case(
      name: "a quota of nothing is none",
      spec: CPUSpec(quotaMicroseconds: 0, periodMicroseconds: 100_000)),
    Case(
      name: "a quota of minus one is none",
      spec: CPUSpec(quotaMicroseconds: -1, periodMicroseconds: 100_000)),
    Case(
      name: "a quota above the cores",
      spec: CPUSpec(quotaMicroseconds: 800_000, periodMicroseconds: 100_000)),
    Case(
      name: "a quota of just the cores",
      spec: CPUSpec(quotaMicroseconds: 400_000, periodMicroseconds: 100_000)),
    Case(name: "a mask of one", spec: CPUSpec(mask: "0"), limit: 1),
    Case(name: "a mask of some", spec: CPUSpec(mask: "0-1,3"), limit: 3),
    Case(name: "a mask of all", spec: CPUSpec(mask: "0-3")),
    Case(name: "a mask of more than there are", spec: CPUSpec(mask: "0-63")),
    Case(name: "a mask that is none", spec: CPUSpec(mask: "all"), limit: nil),
    Case(
      name: "a quota below the mask",
      spec: CPUSpec(quotaMicroseconds: 150_000, periodMicroseconds: 100_000, mask: "0-1"),
      limit: 1.5),
    Case(
      name: "a mask below the quota",
      spec: CPUSpec(quotaMicroseconds: 350_000, periodMicroseconds: 100_000, mask: "2-3"),
      limit: 2),
    Case(
      name: "numbers at their ends",
      spec: CPUSpec(quotaMicroseconds: .max, periodMicroseconds: .min, mask: "65535"), limit: 1),
    Case(name: "a machine of one core", spec: CPUSpec(mask: "0"), cores: 1, limit: nil),
  ]

  @Test(arguments: cases)
  func `the limit is the lowest of quota and mask, and none at the machine's cores`(_ case: Case) {
    #expect(`case`.spec.coreLimit(machineCores: `case`.cores) == `case`.limit)
  }

  static let masks: [(text: String, count: Int?)] = [
    ("0", 1), ("0-1", 2), ("0-3,8", 5), ("1,1,1-2", 2), ("7-7", 1), ("0-65535", 65_536),
    ("", nil), (",", nil), ("0,", nil), ("-", nil), ("-1", nil), ("1-", nil), ("3-1", nil),
    ("0-1-2", nil), ("a", nil), ("0 - 1", nil), ("0-65536", nil), ("0-9223372036854775807", nil),
    ("99999999999999999999", nil),
  ]

  @Test(arguments: masks)
  func `a mask counts its CPUs once each`(_ mask: (text: String, count: Int?)) {
    #expect(CPUMask(mask.text)?.count == mask.count)
    #expect(CPUMask.isList(mask.text) == (mask.count != nil))
  }
}
