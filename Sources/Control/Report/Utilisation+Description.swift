package import Balancing

extension Utilisation: CustomStringConvertible {
  package var description: String {
    switch limit {
    case .quota: "\(decimal(value, 2)) of its quota"
    case .host: "\(decimal(value, 2)) of its host"
    case .seen: "\(decimal(value, 2)) of what it was seen to do"
    }
  }
}
