import Testing

@testable import EvenkeelDaemon

struct SizeTextTests {
  @Test(arguments: [("64MiB", 64 << 20), ("1GiB", 1 << 30), ("512KiB", 512 << 10), ("0MiB", 0)])
  func `a whole number and a unit is a size`(text: String, bytes: Int) {
    #expect(SizeText(parsing: text)?.bytes == bytes)
  }

  @Test(arguments: [
    "", "64", "MiB", "64 MiB", "64MB", "64mib", "1.5MiB", "-1MiB", "٣MiB", "99999999999999GiB",
    "99999999999999999999MiB",
  ])
  func `everything else is none`(text: String) {
    #expect(SizeText(parsing: text) == nil)
  }

  @Test(arguments: [
    (16 << 20, "16MiB"), (1 << 30, "1GiB"), (1025 << 10, "1025KiB"), (7, "7 bytes"),
  ])
  func `a size prints in the largest unit without a rest`(bytes: Int, text: String) {
    #expect(SizeText(bytes: bytes).description == text)
  }
}
