internal import CheckedJSON
internal import EvenkeelDaemon

/// What there is not, and what there is instead.
struct Absent: Error, CustomStringConvertible {
  let description: String

  init(_ kind: String, _ name: String, among known: [String], of place: String = "") {
    let hint =
      known.isEmpty
      ? "there is none: HAProxy could not be read, or has none"
      : NearestText.nearest(to: name, among: known).map { "did you mean `\($0)`?" }
        ?? (known.count == 1 ? "there is " : "there are ") + NamesText.few(known)
    description = "there is no \(kind) `\(name)`\(place) (\(hint))"
  }
}
