import Glibc
import Testing

@testable import Systemd

@Suite struct JournalStreamTests {
  @Test func `the variable names a device and an inode`() {
    #expect(
      JournalStream.Identity(variable: "9:162231")
        == JournalStream.Identity(device: 9, inode: 162_231))
  }

  @Test(arguments: [
    "", ":", "9", "9:", ":9", "9:1:2", "a:b", "-9:1", " 9:1", "9:99999999999999999999",
  ])
  func `anything else names nothing`(variable: String) {
    #expect(JournalStream.Identity(variable: variable) == nil)
  }

  @Test func `a stream is the journal's when device and inode are its own`() throws {
    let journal = try Pipe()
    let other = try Pipe()
    let variable = try name(of: journal.writeEnd)
    #expect(JournalStream.isJournal(descriptor: journal.writeEnd, variable: variable))
    #expect(!JournalStream.isJournal(descriptor: other.writeEnd, variable: variable))
  }

  @Test func `a closed stream is nobody's`() {
    #expect(!JournalStream.isJournal(descriptor: -1, variable: "9:162231"))
  }

  @Test func `standard error is compared with the variable, which may be a parent's`() async {
    await #expect(processExitsWith: .success) {
      let journal = try Pipe()
      let other = try Pipe()
      unsafe unsetenv("JOURNAL_STREAM")
      #expect(!JournalStream.isStderr)
      unsafe setenv("JOURNAL_STREAM", try name(of: journal.writeEnd), 1)
      other.asStandardError { #expect(!JournalStream.isStderr) }
      journal.asStandardError { #expect(JournalStream.isStderr) }
    }
  }
}

/// The stream as systemd would name it in JOURNAL_STREAM.
private func name(of descriptor: Int32) throws -> String {
  var status = stat()
  try #require(unsafe fstat(descriptor, &status) == 0)
  return "\(status.st_dev):\(status.st_ino)"
}
