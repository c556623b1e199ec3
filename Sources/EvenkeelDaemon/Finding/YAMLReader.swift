internal import CheckedJSON

/// Reads the part of YAML that lists of targets are written in, with libyaml: one document, of lists,
/// mappings whose keys are scalars, and scalars, which are all text, as Prometheus takes them. Beside
/// it there may be empty ones, as a `---` at the end begins one.
struct YAMLReader {
  /// How deep lists and mappings may nest; also what bounds the reader's own recursion.
  static let maximumDepth = 64
  /// What an alias stands for counts each time: a few lines can stand for billions of values. A long
  /// text counts as several.
  static let maximumValues = 200_000

  private let events: YAMLEvents
  private var anchors: [String: Anchor] = [:]
  private var values = 0
  private var depth = 0

  /// What an alias can stand for.
  private struct Anchor {
    var value: JSONValue
    /// How many values it has, itself among them.
    var count: Int
  }

  /// - Throws: with the line where it stops being such a text.
  static func read(_ bytes: [UInt8]) throws(YAMLSyntaxError) -> JSONValue {
    // libyaml holds each against all others: some thousand of them take it minutes.
    if let line = lineOfDirective(in: bytes) {
      throw YAMLSyntaxError(line: line, message: "begins with %: no list of targets needs that")
    }
    var reader = YAMLReader(events: try YAMLEvents(bytes))
    return try reader.document()
  }

  private static func lineOfDirective(in bytes: [UInt8]) -> Int? {
    var line = 1
    var isStart = true
    for byte in bytes {
      if isStart, byte == UInt8(ascii: "%") { return line }
      isStart = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
      if byte == UInt8(ascii: "\n") { line += 1 }
    }
    return nil
  }

  private init(events: YAMLEvents) { self.events = events }

  private mutating func document() throws(YAMLSyntaxError) -> JSONValue {
    var found: JSONValue?
    var begin = 1
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamStart, .documentEnd: break
      case .documentStart:
        begin = event.line
        anchors = [:]
      case .streamEnd:
        guard let found else {
          throw YAMLSyntaxError(line: event.line, message: "there is nothing in it")
        }
        return found
      case let kind where kind.isNull: try count(event.size, at: event)
      default:
        // The first alone would count elsewhere, and what is in the others be missed by nobody.
        guard found == nil else {
          throw YAMLSyntaxError(
            line: begin, message: "has more than one document: write all groups into one list")
        }
        found = try value(event)
      }
    }
  }

  private mutating func value(_ event: YAMLEvents.Event) throws(YAMLSyntaxError) -> JSONValue {
    let before = values
    try count(event.size, at: event)
    let value: JSONValue
    switch event.kind {
    case .scalar(let text, _): value = event.kind.isNull ? .null : .string(text)
    case .alias:
      guard let anchor = anchors[event.anchor ?? ""] else {
        throw YAMLSyntaxError(
          line: event.line, message: "an alias stands for nothing that is known there")
      }
      try count(anchor.count, at: event)
      return anchor.value
    case .listStart:
      value = try nested(event) { reader throws(YAMLSyntaxError) in .array(try reader.list()) }
    case .mappingStart:
      value = try nested(event) { reader throws(YAMLSyntaxError) in .object(try reader.mapping()) }
    default:
      throw YAMLSyntaxError(line: event.line, message: "ends too early")
    }
    if let name = event.anchor { anchors[name] = Anchor(value: value, count: values - before) }
    return value
  }

  private mutating func count(_ more: Int, at event: YAMLEvents.Event) throws(YAMLSyntaxError) {
    values += more
    guard values <= Self.maximumValues else {
      throw YAMLSyntaxError(line: event.line, message: "has more than \(Self.maximumValues) values")
    }
  }

  private mutating func nested(
    _ event: YAMLEvents.Event, _ read: (inout Self) throws(YAMLSyntaxError) -> JSONValue
  ) throws(YAMLSyntaxError) -> JSONValue {
    guard depth < Self.maximumDepth else {
      throw YAMLSyntaxError(
        line: event.line, message: "nests deeper than \(Self.maximumDepth) levels")
    }
    depth += 1
    defer { depth -= 1 }
    return try read(&self)
  }

  private mutating func list() throws(YAMLSyntaxError) -> [JSONValue] {
    var list: [JSONValue] = []
    while true {
      let event = try events.next()
      guard event.kind != .listEnd else { return list }
      list.append(try value(event))
    }
  }

  private mutating func mapping() throws(YAMLSyntaxError) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    var merged: [JSONValue.Member] = []
    var names = Set<String>()
    while true {
      let event = try events.next()
      guard event.kind != .mappingEnd else { break }
      guard case .scalar(let name, let isPlain) = event.kind else {
        throw YAMLSyntaxError(line: event.line, message: "has a key that is no text")
      }
      try count(event.size, at: event)
      let value = try value(try events.next())
      if isPlain, name == "<<" {
        merged += try Self.members(of: value, at: event)
        continue
      }
      guard names.insert(name).inserted else {
        throw YAMLSyntaxError(line: event.line, message: "has the key \(QuotedText(name)) twice")
      }
      members.append(JSONValue.Member(name: name, value: value))
    }
    // What stands in it counts before what it merges, and of this the first.
    return members + merged.filter { names.insert($0.name).inserted }
  }

  /// What a merge key brings: the members of a mapping, or of several.
  private static func members(
    of value: JSONValue, at event: YAMLEvents.Event
  ) throws(YAMLSyntaxError) -> [JSONValue.Member] {
    let mappings: [JSONValue] = if case .array(let list) = value { list } else { [value] }
    var members: [JSONValue.Member] = []
    for mapping in mappings {
      guard case .object(let own) = mapping else {
        throw YAMLSyntaxError(
          line: event.line, message: "merges by `<<` what is no mapping, and no list of mappings")
      }
      members += own
    }
    return members
  }
}

/// Where a text stops being YAML that is read here, and why.
struct YAMLSyntaxError: Error, Equatable {
  /// Counted from 1.
  let line: Int
  let message: String
}

extension Problem {
  init(_ error: YAMLSyntaxError) {
    self.init(path: "line \(error.line)", message: error.message)
  }
}
