extension String {
  /// This text, or so much of its beginning that it fits into a line of a log, whatever was sent.
  ///
  /// Counted in bytes: a character may have any number of them.
  var beginning: String {
    let limit = 300
    return utf8.count > limit ? String(decoding: utf8.prefix(limit), as: UTF8.self) + "…" : self
  }
}
