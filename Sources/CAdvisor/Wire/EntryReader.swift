import CheckedJSON
import NIOCore

/// Takes a reply's body as it comes in.
protocol BodyReader {
  associatedtype Answer

  mutating func take(_ part: ByteBuffer) throws(MalformedReply)

  /// Bytes that it holds of what it took, and that its answer takes, about.
  var held: Int { get }

  /// - Parameter answeredAt: as in `Reply`.
  mutating func finish(answeredAt: Int64?) throws(MalformedReply) -> Answer
}

/// Reads an object or a list entry by entry: each is decoded by itself and forgotten.
struct EntryReader<Value: WireValue, Answer>: BodyReader {
  typealias Entry = Result<Value, MalformedReply>
  /// Takes in one entry, with its key where there are keys.
  typealias Add = (inout Answer, String?, Entry) throws(MalformedReply) -> Void

  /// What an entry of an answer takes without its texts.
  private static var entryLength: Int { 256 }

  private var splitter: EntrySplitter
  private var kept = 0
  private var answer: Answer
  private let add: Add
  private let complete: (inout Answer, Int64?) -> Void

  /// - Parameters:
  ///   - isList: whether a list is expected, whose entries have no keys.
  ///   - complete: is told of the end, and when it was answered.
  init(
    _ type: Value.Type, into answer: Answer, isList: Bool = false,
    add: @escaping Add,
    complete: @escaping (inout Answer, Int64?) -> Void = { _, _ in }
  ) {
    splitter = EntrySplitter(isList: isList)
    self.answer = answer
    self.add = add
    self.complete = complete
  }

  var held: Int { splitter.held + kept }

  mutating func take(_ part: ByteBuffer) throws(MalformedReply) {
    try Self.take(part, &splitter, &answer, &kept, add)
  }

  private static func take(
    _ part: ByteBuffer, _ splitter: inout EntrySplitter, _ answer: inout Answer,
    _ kept: inout Int, _ add: Add
  ) throws(MalformedReply) {
    try splitter.take(part) { key, bytes throws(MalformedReply) in
      guard let (value, length) = Value.usual(atStartOf: bytes) else { return nil }
      kept += entryLength + (key?.count ?? 0) + value.textLength
      try add(&answer, try text(of: key), .success(value))
      return length
    } _: { key, bytes throws(MalformedReply) in
      let entry = try Self.value(bytes)
      kept += entryLength + (key?.count ?? 0) + ((try? entry.get().textLength) ?? 0)
      try add(&answer, try text(of: key), entry)
    }
  }

  mutating func finish(answeredAt: Int64?) throws(MalformedReply) -> Answer {
    try splitter.requireEnd()
    complete(&answer, answeredAt)
    return answer
  }

  private static func text(of key: [UInt8]?) throws(MalformedReply) -> String? {
    guard let key else { return nil }
    guard key.contains(UInt8(ascii: "\\")) else { return String(decoding: key, as: UTF8.self) }
    let quoted = [UInt8(ascii: "\"")] + key + [UInt8(ascii: "\"")]
    guard let text = try? WholeJSON.decode(String.self, from: quoted) else {
      throw MalformedReply("no JSON: \(Excerpt.of(ByteBuffer(bytes: key)))")
    }
    return text
  }

  /// What is no JSON spoils the reply, what is other JSON than expected the entry alone.
  private static func value(
    _ bytes: RawSpan
  ) throws(MalformedReply) -> Result<Value, MalformedReply> {
    if let value = Value(usual: bytes) { return .success(value) }
    let bytes = bytes.array(0..<bytes.byteCount)
    do {
      return .success(try WholeJSON.decode(Value.self, from: bytes))
    } catch let error as UnfinishedJSON {
      throw MalformedReply("no JSON: \(error)")
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      throw MalformedReply("no JSON: \(Excerpt.of(ByteBuffer(bytes: bytes)))")
    } catch {
      return .failure(MalformedReply(error))
    }
  }
}

/// Reads a body that is small enough to be held as a whole.
struct WholeReader<Answer>: BodyReader {
  private var reply = Reply(body: ByteBuffer())
  private let decode: (Reply) throws(MalformedReply) -> Answer

  init(_ decode: @escaping (Reply) throws(MalformedReply) -> Answer) { self.decode = decode }

  var held: Int { reply.body.readableBytes }

  mutating func take(_ part: ByteBuffer) { reply.body.writeImmutableBuffer(part) }

  mutating func finish(answeredAt: Int64?) throws(MalformedReply) -> Answer {
    reply.answeredAtNanoseconds = answeredAt
    return try decode(reply)
  }
}
