import CPCRE2

/// A pattern that PCRE2 compiled, with the memory for one match.
///
/// `@safe`: the three pointers are made together, never leave this value, and are freed with it.
@safe struct CompiledPattern: ~Copyable {
  /// What became of one match: offsets into the name's UTF-8 for each group, or why there are none.
  enum Outcome: Equatable {
    case match([Range<Int>?])
    case noMatch
    case gaveUp
  }

  /// Why PCRE2 refuses a pattern, in its own words, and where.
  struct Refusal: Error, Equatable {
    let byteOffset: Int
    let reason: String
  }

  private let code: OpaquePointer
  private let matchData: OpaquePointer
  private let context: OpaquePointer

  /// How often a match may try again before it is given up, if the pattern is short.
  private static let matchLimit = 20_000
  /// Between two trials nearly all of a compiled pattern may run, so that a large one gets fewer of
  /// them: this many bytes of it in all, which is some milliseconds.
  private static let workLimit = 4_000_000
  /// How deep these trials may nest.
  private static let depthLimit: UInt32 = 5_000
  private static let heapLimitKibibytes: UInt32 = 4_096
  private static let compiledSizeLimit = 16_384

  init(_ pattern: String) throws(Refusal) {
    // `\C` takes single bytes and would split a character between two groups.
    let options = PCRE2_ANCHORED | PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C
    var errorNumber: CInt = 0
    var errorOffset = 0
    let length = pattern.utf8.count
    let compiled = unsafe pattern.withCString(encodedAs: UTF8.self) { text in
      unsafe pcre2_compile_8(text, length, options, &errorNumber, &errorOffset, nil)
    }
    guard let compiled = unsafe compiled else {
      throw Refusal(byteOffset: errorOffset, reason: Self.words(for: errorNumber))
    }
    var size = 0
    guard unsafe pcre2_pattern_info_8(compiled, UInt32(PCRE2_INFO_SIZE), &size) == 0,
      size <= Self.compiledSizeLimit
    else {
      unsafe pcre2_code_free_8(compiled)
      throw Refusal(byteOffset: length, reason: "the pattern is too large once compiled")
    }
    guard let matchData = unsafe pcre2_match_data_create_from_pattern_8(compiled, nil) else {
      unsafe pcre2_code_free_8(compiled)
      throw Refusal(byteOffset: 0, reason: "no memory")
    }
    guard let context = unsafe pcre2_match_context_create_8(nil) else {
      unsafe pcre2_match_data_free_8(matchData)
      unsafe pcre2_code_free_8(compiled)
      throw Refusal(byteOffset: 0, reason: "no memory")
    }
    let matchLimit = UInt32(min(Self.matchLimit, Self.workLimit / max(size, 1)))
    unsafe pcre2_set_match_limit_8(context, matchLimit)
    unsafe pcre2_set_depth_limit_8(context, Self.depthLimit)
    unsafe pcre2_set_heap_limit_8(context, Self.heapLimitKibibytes)
    unsafe self.code = compiled
    unsafe self.matchData = matchData
    unsafe self.context = context
  }

  deinit {
    unsafe pcre2_match_context_free_8(context)
    unsafe pcre2_match_data_free_8(matchData)
    unsafe pcre2_code_free_8(code)
  }

  /// The highest number of a group in the pattern.
  var groupCount: Int {
    var count: UInt32 = 0
    guard unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &count) == 0
    else { return 0 }
    return Int(count)
  }

  /// Matches at the name's start. `mutating` because each match uses the same memory.
  mutating func match(_ name: String) -> Outcome {
    let length = name.utf8.count
    // A Swift string is valid UTF-8 always, so that it need not be checked again.
    let result = unsafe name.withCString(encodedAs: UTF8.self) { text in
      unsafe pcre2_match_8(code, text, length, 0, PCRE2_NO_UTF_CHECK, matchData, context)
    }
    if result == PCRE2_ERROR_NOMATCH { return .noMatch }
    guard result > 0, let offsets = unsafe pcre2_get_ovector_pointer_8(matchData)
    else { return .gaveUp }
    let pairs = Int(unsafe pcre2_get_ovector_count_8(matchData))
    let groups = (0..<pairs).map { index -> Range<Int>? in
      let start = unsafe offsets[2 * index]
      let end = unsafe offsets[2 * index + 1]
      // A group that took no part has offsets beyond all bounds.
      guard (0...length).contains(start), (start...length).contains(end) else { return nil }
      return start..<end
    }
    return .match(groups)
  }

  private static func words(for errorNumber: CInt) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    let length = unsafe text.withUnsafeMutableBufferPointer { buffer in
      unsafe pcre2_get_error_message_8(errorNumber, buffer.baseAddress, buffer.count)
    }
    guard length > 0 else { return "error \(errorNumber)" }
    return String(decoding: text.prefix(Int(length)), as: UTF8.self)
  }
}
