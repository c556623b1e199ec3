internal import CYAML

/// What libyaml finds in a text, one thing after the other.
@safe final class YAMLEvents {
  struct Event {
    enum Kind: Equatable {
      case streamStart, streamEnd, documentStart, documentEnd
      case listStart, listEnd, mappingStart, mappingEnd, alias
      /// One that is plain stands without quotes, and may mean more than its text.
      case scalar(String, isPlain: Bool)

      var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = self else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
      }
    }

    var kind: Kind
    /// Counted from 1.
    var line: Int
    /// The name of an alias, or under which it can be referred to.
    var anchor: String?

    /// How many values it counts for.
    var size: Int {
      if case .scalar(let text, _) = kind { 1 + text.utf8.count / 64 } else { 1 }
    }
  }

  // libyaml points into the bytes and into itself: both stay where they are.
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  init(_ text: [UInt8]) throws(YAMLSyntaxError) {
    unsafe bytes = .allocate(capacity: text.count)
    _ = unsafe bytes.initialize(from: text)
    unsafe parser = .allocate(capacity: 1)
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      unsafe parser.initialize(to: yaml_parser_t())
      throw YAMLSyntaxError(line: 1, message: "there is no memory to read it")
    }
    unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe bytes.deallocate()
  }

  func next() throws(YAMLSyntaxError) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { unsafe yaml_event_delete(&event) }
    let line = Int(clamping: unsafe event.start_mark.line) + 1
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, line: line)
    case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, line: line)
    case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, line: line)
    case YAML_ALIAS_EVENT:
      return Event(kind: .alias, line: line, anchor: unsafe text(event.data.alias.anchor))
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let value = unsafe String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
      return Event(
        kind: .scalar(value, isPlain: isPlain), line: line, anchor: unsafe text(scalar.anchor))
    case YAML_SEQUENCE_START_EVENT:
      return Event(
        kind: .listStart, line: line, anchor: unsafe text(event.data.sequence_start.anchor))
    case YAML_SEQUENCE_END_EVENT: return Event(kind: .listEnd, line: line)
    case YAML_MAPPING_START_EVENT:
      return Event(
        kind: .mappingStart, line: line, anchor: unsafe text(event.data.mapping_start.anchor))
    case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, line: line)
    default: return Event(kind: .streamEnd, line: line)
    }
  }

  private func text(_ name: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    unsafe name.map { unsafe String(cString: $0) }
  }

  private var failure: YAMLSyntaxError {
    // The reader of bytes knows no lines.
    let isOfBytes = unsafe parser.pointee.error == YAML_READER_ERROR
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
    return YAMLSyntaxError(
      line: isOfBytes ? 1 : Int(clamping: unsafe parser.pointee.problem_mark.line) + 1,
      message: "no YAML: \(problem ?? "it cannot be read")")
  }
}
