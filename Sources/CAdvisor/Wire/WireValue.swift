/// A value that is read by a cursor where it has its usual form.
///
/// `JSONDecoder` takes some ten times as long; it is left what it has the words for.
protocol WireValue: Decodable {
  /// Bytes of the texts in it.
  var textLength: Int { get }

  init(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(JSONCursor.Unusual)
}

extension WireValue {
  var textLength: Int { 0 }

  /// The value that these bytes begin with, and how many of them it is; `nil` when it has another
  /// form, or goes on behind them.
  static func usual(atStartOf bytes: RawSpan) -> (value: Self, length: Int)? {
    var cursor = JSONCursor()
    do throws(JSONCursor.Unusual) {
      return (try Self(&cursor, in: bytes), cursor.at)
    } catch {
      return nil
    }
  }

  /// `nil` when it has another form.
  init?(usual bytes: RawSpan) {
    var cursor = JSONCursor()
    do throws(JSONCursor.Unusual) {
      try self.init(&cursor, in: bytes)
      try cursor.requireEnd(of: bytes)
    } catch {
      return nil
    }
  }
}

extension JSONCursor {
  mutating func values<Value: WireValue>(in bytes: RawSpan) throws(Unusual) -> [Value] {
    var values: [Value] = []
    try list(in: bytes) { cursor throws(Unusual) in
      values.append(try Value(&cursor, in: bytes))
    }
    return values
  }
}

extension Optional {
  /// Sets what was not set before: JSON that names a key twice is not the usual one.
  @inline(__always)
  mutating func set(_ value: Wrapped) throws(JSONCursor.Unusual) {
    guard case .none = self else { throw JSONCursor.Unusual() }
    self = value
  }
}
