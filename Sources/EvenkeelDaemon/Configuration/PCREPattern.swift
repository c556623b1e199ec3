import Control
import Synchronization

/// A pattern of the configuration, matched as Python's `re.match` does: from the name's start, not
/// to its end.
///
/// No name can keep it busy: what would take longer than a few milliseconds is given up.
package struct PCREPattern: NamePattern {
  /// The longest name that is tried, in bytes of UTF-8.
  package static let maximumNameLength = 512
  /// The longest pattern, in bytes of UTF-8.
  package static let maximumPatternLength = 1_000

  /// What a pattern says of a name.
  package enum Verdict: Equatable, Sendable {
    /// The groups, the whole match first; `nil` for one that took no part.
    case match([String?])
    case noMatch
    /// Given up, which counts as no match: the pattern tries too many ways, or the name is too
    /// long.
    case limitExceeded
  }

  /// Why a pattern is refused.
  package struct Invalid: Error, Equatable, Sendable {
    package let reason: String
    /// What to write instead, where that is known.
    package let hint: String?
  }

  package let source: String
  /// How many groups the pattern has, not counting the whole match.
  package let groupCount: Int
  private let engine: Engine

  package init(_ source: String) throws(Invalid) {
    guard source.utf8.count <= Self.maximumPatternLength else {
      throw Invalid(
        reason: "is longer than \(Self.maximumPatternLength) bytes", hint: nil)
    }
    if let quantifier = Self.openQuantifier(in: source) {
      // Python takes `{,3}` for a quantifier, PCRE2 before 10.43 for five characters.
      throw Invalid(
        reason: "has `{,\(quantifier)}`, which not every version of PCRE2 understands",
        hint: "write `{0,\(quantifier)}`")
    }
    do throws(CompiledPattern.Refusal) {
      let compiled = try CompiledPattern(source)
      self.groupCount = compiled.groupCount
      self.engine = Engine(compiled)
      self.source = source
    } catch {
      throw Invalid(
        reason: "is no valid pattern: \(error.reason), at byte \(error.byteOffset)", hint: nil)
    }
  }

  package func groups(atStartOf name: String) -> [String?]? {
    guard case .match(let groups) = verdict(on: name) else { return nil }
    return groups
  }

  package func verdict(on name: String) -> Verdict {
    guard name.utf8.count <= Self.maximumNameLength else { return .limitExceeded }
    switch engine.match(name) {
    case .noMatch: return .noMatch
    case .gaveUp: return .limitExceeded
    case .match(let ranges):
      let bytes = Array(name.utf8)
      return .match(ranges.map { $0.map { String(decoding: bytes[$0], as: UTF8.self) } })
    }
  }

  /// The number in the first `{,number}`.
  private static func openQuantifier(in source: String) -> Substring? {
    for part in source.split(separator: "{,", omittingEmptySubsequences: false).dropFirst() {
      let digits = part.prefix { $0.isASCII && $0.isNumber }
      if !digits.isEmpty, part.dropFirst(digits.count).first == "}" { return digits }
    }
    return nil
  }

  /// Shares one compiled pattern between tasks, one match at a time.
  private final class Engine: Sendable {
    private let compiled: Mutex<CompiledPattern>

    init(_ compiled: consuming sending CompiledPattern) { self.compiled = Mutex(compiled) }

    func match(_ name: String) -> CompiledPattern.Outcome {
      compiled.withLock { $0.match(name) }
    }
  }
}

extension PCREPattern: Equatable {
  package static func == (left: Self, right: Self) -> Bool { left.source == right.source }
}
