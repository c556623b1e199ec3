internal import CSystemd

/// The journal's native protocol.
enum JournalSocket {
  /// Hands the entry to journald.
  ///
  /// - Returns: 0, or a negative `errno`. Without a journald it is 0 as well, and the entry is lost.
  static func send(_ entry: JournalEntry) -> Int32 {
    var (bytes, lengths) = layout(of: entry)
    return unsafe bytes.withUnsafeMutableBytes { bytes in
      var vectors = unsafe [iovec]()
      var start = 0
      for length in lengths {
        let base = unsafe bytes.baseAddress.map { unsafe $0 + start }
        unsafe vectors.append(iovec(iov_base: base, iov_len: length))
        start += length
      }
      return unsafe sd_journal_sendv(vectors, Int32(clamping: vectors.count))
    }
  }

  /// Lays the fields out as sd_journal_sendv(3) takes them: `NAME=value`, one after another.
  ///
  /// Their lengths go with them, so a value may hold anything, line breaks and NUL included.
  static func layout(of entry: JournalEntry) -> (bytes: [UInt8], lengths: [Int]) {
    var bytes: [UInt8] = []
    var lengths: [Int] = []
    for field in entry.fields {
      let start = bytes.count
      bytes += field.name.utf8
      bytes.append(UInt8(ascii: "="))
      bytes += field.value.utf8
      lengths.append(bytes.count - start)
    }
    return (bytes, lengths)
  }
}
