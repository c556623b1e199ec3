/// What is wrong with a reply or a part of it: `stats[0].timestamp: …`.
package struct MalformedReply: Error, Equatable {
  package let detail: String

  init(_ detail: String) { self.detail = Excerpt.of(detail) }

  /// - Parameter depth: How many steps of the path are told elsewhere.
  init(_ error: any Error, below depth: Int = 0) {
    guard let error = error as? DecodingError else {
      self.init("\(error)")
      return
    }
    switch error {
    case .keyNotFound(let key, let context):
      self.init(path: context.codingPath + [key], below: depth, "is missing")
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      self.init(path: context.codingPath, below: depth, context.debugDescription)
    @unknown default:
      self.init("\(error)")
    }
  }

  private init(path: [any CodingKey], below depth: Int, _ problem: String) {
    let steps = path.dropFirst(depth).map { key in
      key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
    }
    let place = steps.joined().drop { $0 == "." }
    self.init(place.isEmpty ? problem : "\(place): \(problem)")
  }
}
