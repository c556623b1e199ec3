/// The SRV records of a name server's answer (RFC 1035, section 4; RFC 2782).
package enum ServiceRecords {
  /// Where one of a service's servers is.
  package struct Place: Hashable, Sendable {
    package var host: String
    package var port: Int
  }

  /// More jumps than a name can have parts lead in a circle.
  private static let mostJumps = 128
  private static let srv = 33

  /// - Returns: `nil` where the bytes are no answer.
  package static func places(in reply: [UInt8]) -> [Place]? {
    guard let questions = number(reply, 4), let answers = number(reply, 6) else { return nil }
    var at = 12
    for _ in 0..<questions {
      guard let name = name(reply, at) else { return nil }
      at = name.end + 4
    }
    var places: [Place] = []
    for _ in 0..<answers {
      guard let name = name(reply, at), let type = number(reply, name.end),
        let length = number(reply, name.end + 8)
      else { return nil }
      let data = name.end + 10
      at = data + length
      guard at <= reply.count else { return nil }
      guard type == srv else { continue }
      guard length >= 7, let port = number(reply, data + 4), let target = self.name(reply, data + 6)
      else { return nil }
      // A target of `.` says that there is no such service.
      if !target.text.isEmpty, port > 0 { places.append(Place(host: target.text, port: port)) }
    }
    return places
  }

  private static func number(_ bytes: [UInt8], _ at: Int) -> Int? {
    guard at >= 0, at + 1 < bytes.count else { return nil }
    return Int(bytes[at]) << 8 | Int(bytes[at + 1])
  }

  /// - Returns: a name without a dot at its end, and where what follows it begins.
  private static func name(_ bytes: [UInt8], _ start: Int) -> (text: String, end: Int)? {
    var (at, end, jumps) = (start, nil as Int?, 0)
    var labels: [String] = []
    while at >= 0, at < bytes.count {
      let length = Int(bytes[at])
      switch length {
      case 0: return (labels.joined(separator: "."), end ?? at + 1)
      case 1...63:
        guard at + length < bytes.count, labels.count < mostJumps else { return nil }
        labels.append(String(decoding: bytes[(at + 1)...(at + length)], as: UTF8.self))
        at += length + 1
      case 192...:
        guard let pointer = number(bytes, at), jumps < mostJumps else { return nil }
        end = end ?? at + 2
        jumps += 1
        at = pointer & 0x3FFF
      default: return nil
      }
    }
    return nil
  }
}
